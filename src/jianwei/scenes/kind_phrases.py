"""More ways to ask for each kind of thing in each family, as patterns of ``phrases.expand``; for training alone.

A small model understands only the words it has met, so these say one thing in as many words as people do. First
Chinese, then English, parted by ``;``; places to fill in as in the table of the family. Final marks are left to
chance where a pattern has none.
"""

# ruff: noqa: E501 - tables of words, one kind a line
from __future__ import annotations

from jianwei.scenes.field_phrases import FIELD_PATTERNS
from jianwei.scenes.scene import Language

_PRICE = (
    "{}[多少钱|是多少钱|的价格|的价钱是多少|卖多少|怎么卖|什么价格|要多少钱|标价多少|单价多少|售价是多少|花了多少|的金额|值多少|收多少钱];[看看|查一下|告诉我|找一下]{}[的价格|的价钱|多少钱|的售价];[买|买一个|一份]{}[要|得]多少[钱|]"
    ";[请问|想问下|麻烦说下|问一下]{}[卖多少钱|多少钱|什么价|的价格是多少|标价多少]",
    "[How much is|How much are|What is the price of|Price of|What's the cost of|Tell me the price of|What do they ask for|How expensive is|What is paid for] [the |]{};[How much does|What does] [the |]{} [cost|sell for|go for];{}[ price|: how much| cost]"
    ";[What price|What sum|What amount|How much money] [is asked for|is charged for|must one pay for|is on the tag of|is given for|do I pay for|does one pay for|is marked for] [the |]{};[Can you|Could you|Please|Would you] [tell me|say|read|find|give me] [the price of|the cost of|how much one pays for|what they charge for|the price tag of] [the |]{}"
    ";[What would I pay|What do I have to pay|What must I pay|What do they charge|How much do they charge|How much do they want|How much must I spend] for [the |]{}",
)
_QUANTITY = (
    "{}[买了几个|有几件|的数量|数量是几|几份|多少个|点了几份|要了几个|有多少|的个数|件数是多少|买了多少];[买了|要了|点了|选了][几个|几件|多少|几份]{}"
    ";[请问|想知道|麻烦看看]{}[买了几件|要了多少|数量是几|有几份|订了几个]",
    "[How many|How many pieces of|How many units of|What quantity of|What number of] {}[| were ordered| are there| are listed| did they take| are bought];[Quantity of|Number of|Count of|Tell me the quantity of|What is the number of] {}"
    ";[How many] {} [did the customer buy|did they order|were bought|were sold|are on the list|are in the order|did the buyer take|have been ordered|does the order have];[In what quantity|In what number] [was|were] {} [bought|ordered|purchased|taken];[Can you|Could you|Please] [tell me|say|read|find] [the quantity of|the number of|how many there are of|how many were ordered of] {}",
)
_COLOUR = (
    "{}[是什么颜色|什么颜色|是啥颜色|的颜色|的颜色是什么|是哪种颜色|什么色|啥色|是什么色的|是哪个颜色|的颜色是哪种|呈什么颜色|看起来是什么颜色|的外观颜色];[看看|说说|告诉我|认一下]{}[的颜色|是什么颜色];{}[属于|用的]哪种颜色",
    "[What|Which] [colour|color] [is|has] the {};What is the [colour|color|hue|tint] of the {};[Tell me|Say|Name] the [colour|color] of the {};[colour|color] of the {};In [what|which] [colour|color] is the {};The {} is [what|which] [colour|color];What's the {}'s [colour|color]",
)
_WHERE_OBJECT = (
    "{}[在哪|在哪里|在什么地方|在什么位置|的位置|的坐标|的边框|位于何处];[框出|框选|圈出|标出|标注|指出|画出|找到][图中的|]{}[|的位置];[给出|输出|返回|用坐标表示]{}的[坐标|位置|边框|方框]",
    "[Where is|Where's|Where do you see|Point out|Mark|Box|Outline|Frame|Locate|Find|Detect|Show] the {};[Give|Return|Output|Tell me] the [box|bounding box|coordinates|place|position|bbox] of the {};[coordinates|position|bbox] of the {}",
)

_TABLE: dict[str, dict[str, tuple[str, str]]] = {
    "common": {
        "where": ("“{}”[在哪|在哪里|的位置|的坐标|在什么地方|位于哪里|在图上哪里|的边框];[框出|框选|圈出|标注|指出|画出|找出|标记][文字|]“{}”[|的位置|所在位置];[给出|输出|返回|告诉我]“{}”的[坐标|位置|边框|方框]", '[Where is|Where\'s|Where do you see|Point out|Outline|Frame|Locate|Detect|Show] [the text |the words |]"{}";[Give|Output|Tell me] the [box|bounding box|coordinates|place|position] of "{}";[coordinates|position|bbox] of "{}"'),
        "where_object": _WHERE_OBJECT,
        "present": ("[图上|图里|画面里|这张图|纸上|][有没有|有|是否有|是不是写着|是否印着|写着|出现了|包含|提到][“{}”|“{}”这几个字|“{}”字样][吗|];[“{}”|文字“{}”][在不在|有没有出现在|是否在][图里|图中|上面]", '[Is|Are|Can I find|Do you see|Can you read] "{}" [anywhere|written|printed|visible|shown|mentioned|on the page];[Does it|Does the picture|Does the image] [mention|contain|include|show|say] "{}";[Check|See] [whether|if] "{}" [appears|is there|is printed]'),
        "json": ("[请|][把|将][图片|这张图|画面|内容][转成|转换成|写成|表示为|输出为|变成]JSON[格式|];[输出|返回|生成|给我][整张图的|全部内容的|]JSON;JSON[描述|结果|输出]", "[Convert|Render|Express|Write|Return|Output] [the picture|this image|everything|what you see] [to|as|in] JSON;[JSON of|A JSON for|Give me JSON of] [the picture|this image|the whole scene]"),
    },
    "documents": {
        "amount": ("{}[这项|这一项|那一行|一栏|总共|合计|][多少钱|的金额|金额是多少|花了多少|的总价|算多少钱|共多少元|的钱数];[看看|查一下|告诉我]{}的[金额|小计|总价]"
            ";[请问|麻烦看下]{}[这一行|这一项]的[金额|总价|合价]是多少", "[What|How much] [is the total for|is the sum for|is charged for|was paid for|do we pay for|is the line total of|is the amount of] [the |]{};[amount|total|sum|line total] [for|of] {};[How much do|What do] the {} [cost|come to|add up to]"
            ";[What|How much] [was spent on|was paid for|does one pay for|is billed for|was charged for|is owed for|is due for|does the bill say for|does the row say for] [all |all the |the |]{};[What does|How much does] the [line|row|entry|position|item] [for|of|with] {} [come to|amount to|add up to|total|cost|say]"
            ";[Could you|Can you|Please] [tell me|find|read] [the amount for|the line total of|the sum charged for|the row total of] {}"),
        "quantity": _QUANTITY,
        "number": ("[编号|单号|号码|单据号|发票号|凭证号|合同号|票号|No.][|是多少|是什么|多少|是几|写的什么];[单据|发票|合同|收据|文件|这张单]的[编号|号码|单号|号][|是多少|是什么|是几];[第几号|几号][单据|合同|发票]"
            ";[请问|麻烦看下][这份|这张][文件|单据|合同|发票|收据]的[编号|号码|单号]是[多少|什么]", "[What is|Which is|Tell me|Read] [the |][document no.|invoice number|contract number|receipt number|reference|reference number|serial number|doc number|ID number];[number|document number|No.|ID][| please| of the paper];What number [is it|is given|is printed|has the invoice|has the contract|has the receipt]"
            ";[Under what|Under which|By what|With what] [number|reference|code|ID] [is it filed|was it issued|is it registered|is the document kept|is it known];[How is|How was] [the document|the paper|the invoice|the contract|it] numbered;[What|Which] [number|reference|code|ID|serial] [identifies it|does it bear|does it carry|was it given|does the document carry|is printed on it|belongs to this paper|should I quote]"
            ";[Could you|Can you|Please] [tell me|find|read out|give me] the [number|reference|ID|serial number] of [this document|the document|this paper|the paper]"),
        "clause": ("[条款|第]{}[条|款][|的内容|讲什么|说了什么|规定了什么|内容是什么|写了啥];[请读|读出|念|抄录|看看|摘出][条款|第]{}[条|款]"
            ";[请问|麻烦看下][合同|协议]第{}条[写了什么|是怎么规定的|说的什么]", "[What does|What is in|What says] [clause|article|paragraph|section|item|term] {}[| state| require];[Read|Quote|Copy|Show|Give me|Tell me] [clause|article|section|paragraph] {}"
            ";[What do|What did] the parties [agree|promise|lay down|settle|fix] [in|under|by] [clause|article|section|point|item|paragraph] {};[What is|What was] [agreed|laid down|stipulated|written|required|settled|fixed|said|provided] [in|under|by|at] [clause|article|section|point|item|paragraph|provision|number] {};How is [clause|article|section|point|item|paragraph|provision] {} [worded|phrased|formulated]"
            ";[Could you|Can you|Please] [read|quote|show me|tell me] [clause|article|section|point|item|paragraph|provision] {}"),
        "signature": ("“{}”[签了吗|签名了没|签没签|有签名吗|有没有签名|有没有签字|签字了没有|是空的吗|空着吗|已经签了吗|处是否有签名];[看看|检查]“{}”[有没有签|签没签|是否签署];[有人|谁]在“{}”[签名|签字|签][了|]吗"
            ";[请问|看一下]“{}”[那里|一栏|后面][有人签字吗|签过字没有|是不是空的]", 'Is ["{}"|the line "{}"|the field "{}"] [signed|empty|blank|filled in|still open|unsigned];Is there [a signature|a name|a handwritten name] [at|by|after|on] "{}";[Has|Did] [someone|anyone|the person] sign[ed|] [at|on] "{}";[Check|See] if "{}" is signed'
            ';Did [anybody|somebody|a person|anyone] [put a name|put a signature|leave a signature|write a name] [at|by|beside|next to|above|behind] "{}";Does ["{}"|the line "{}"|the field "{}"] [have|bear|carry|show|lack] [a signature|a name|handwriting];[Can you|Could you|Please] [tell me|say|check] [whether|if] ["{}"|the line "{}"] [is signed|was signed|is empty|has a signature]'),
        "sign_date": ("“{}”[旁|后面|右边|那里][的|][日期|签字日期][是空的吗|空着吗|写了吗|填没填|有没有填|填写了吗|有吗];[有没有|是否]在“{}”[旁边|后面]写日期"
            ";[请问|看一下]“{}”[旁边|后面]的日期[填了吗|有没有填写|是不是空白]", 'Is [the date|a date] [by|beside|next to|after|at] "{}" [there|written|given|missing|blank|empty|filled in];[Did|Has] [anyone|someone] [write|fill in|filled in] the date [at|next to|beside] "{}"'
            ';Did [anybody|somebody|the signer|anyone] [put a date|write the date|note the day|enter the date] [by|beside|next to|behind|at] "{}";Does "{}" [have|bear|carry|show|lack] a date;[Can you|Could you|Please] [tell me|say|check] [whether|if] [there is a date|a date is written|the date is filled in|the date was given] [by|beside|next to|at] "{}";Is "{}" [dated|without a date|followed by a date]'),
        "stamp": ("[有|有没有|是否有|看得到|能看到][章|印章|公章|红色印章|盖章|圆章][吗|];[盖没盖章|盖过章吗|是否盖章|章盖了没|有印吗|有没有盖公章|纸上有章吗]"
            ";[请问|看一下][上面|这份文件|这张单据|这份合同][盖了章没有|盖章了吗|有没有印章]", "[Is|Can you see|Do you see|Does it have] [there |][a |a red |any ][stamp|seal|company stamp|round stamp];[Was it|Is it|Has the paper been] [stamped|sealed];[Any|Is there any] [stamp|seal] [on it|here|on the paper]"
            ";Does [the paper|the document|the sheet|the contract|the invoice|this|it] [bear|carry|show|have|come with] [a stamp|a seal|any stamp|any seal|a company stamp|a red seal];Did [someone|anyone|the company|the seller] [put a stamp on it|put a seal on it|stamp it|seal it];[Can you|Could you|Please] [tell me|say|check] [whether|if] [it is stamped|there is a stamp|there is a seal|the paper is sealed|a stamp was put on it]"
            ";Has [a stamp|a seal|any stamp|any seal] been [put on|added|applied|used|affixed]"),
        "caption": ("[印章|章|红章|公章|印][里|上|中间|中|内][的|][字|文字|写了什么|是什么字|写的什么|刻着什么];[是|盖的|][什么|哪种]章;[读|认][出|一下][印章|章上]的[字|文字]"
            ";[请问|看一下][印章|公章|章]上[写的|刻的|印的]是什么[字|]", "[What|Which word|Which words|What text] [is|are|stands] [in|on|inside] the [stamp|seal|red stamp];[Read|Tell me] the [stamp|seal|text of the stamp|word in the stamp];What [kind of|] [stamp|seal] is it"
            ";What [does the stamp say|does the seal say|does the stamp read|does the red stamp show in words|do the words in the seal say|do the letters in the stamp spell];[Could you|Can you|Please] [read|tell me|make out|give me] [what the stamp says|the words in the stamp|the text of the seal|the word inside the seal|the writing on the stamp]"
            ";[What|Which] [words|text|letters|inscription] [does the stamp carry|does the seal bear|can you read in the stamp|appears inside the seal|has the stamp]"),
        "diameter": ("[纸是A4|这张纸是A4的|按A4纸算|A4纸上][，|]印章[有多大|直径多少厘米|多宽|宽几厘米|是多少厘米]", "[On A4|On this A4 sheet|The paper is A4|With the A4 page as scale][,|:] [how wide|how big|how large|how many cm] is the [stamp|seal]"),
        "kind": ("[这是|这张是|图中是|它是|这份是][什么|哪类|哪种|啥][单子|票据|文书|文档|凭证|纸|文件];[是|这是]发票还是[收据|合同];[单据|文件|文档|票据]的[类型|种类|类别]"
            ";[请问|看一下][这|这是|图上这张是][什么文件|哪一类单据|什么单据|哪种票据]", "[What|Which] [type|kind|sort] of [paper|document|form|file|record] is [it|this|shown];[Is it|Is this|Do we see] an invoice[,| or] a receipt or a contract;[document type|kind of paper|type of document];What [document|paper] is this"
            ";[What kind|What sort|What type|Which kind] of [document|paper|business paper|form|record] [do we see|have we here|am I looking at|are we looking at|is in the photo|have I got here|does this count as|is the sheet];[How would you|How would one] [classify|call] [this document|this paper|the sheet];What [is this paper|is this document called|would you call this document|is this sheet]"
            ";[Tell me|Say|Name] [what kind of document it is|the type of this paper|what sort of paper we have|the kind of document]"),
        "title": ("[标题|大标题|题目|名称|抬头|表头][是啥|写了什么|叫什么|写的是什么|的文字|的内容|];[读|念][出|一下][标题|抬头|最上面的大字];[最上面|开头|顶部]的[大字|标题|文字]"
            ";[请问|看一下][这份文件|这张单据|这页纸]的[标题|抬头|名头][是什么|写的什么]", "[Read|Give|Tell me|State] the [title|heading|headline|header];[What|Which words] [stands|is|are] [at the top|in the heading|on top|in large letters];[title|heading|headline] [of the page|please|]"
            ";How is the [document|paper|page|sheet|form] [titled|headed|entitled];What [heading|title|headline|name] [does it bear|does the paper carry|has the document|does the page have|was it given|stands on top|is printed at the top];[Could you|Can you|Please] [read|tell me|give me|copy] [the title|the heading|the words at the top|the top line|what stands on top|the big words on top]"),
    },
    "homework": {
        "step": ("{}[第{}步|的第{}步|步骤{}|第{}个步骤][是啥|写了什么|写的啥|的内容|的算式|怎么算的|怎么写|是怎样的|的式子];[看看|读出|抄下|写出|告诉我|给出]{}第{}步[的内容|写的|]"
            ";[请问|看一下]{}第{}步[写的是什么|怎么算的|列了什么式子]", "[What is|What's|What was|Show me|Give me|Tell me|Copy] [step|line|stage] {1}{0};[How does|What reads] step {1}{0}[| go| read];[The|] [content|text|writing] of step {1}{0}"
            ";What [did the student write|did the pupil write|was done|is written|is calculated|happens|stands|do we read|does the work say] [in|at|as|for] [step|line|stage] {1}{0};[Could you|Can you|Please] [read|copy|show me|tell me] [step|line|stage|the content of step|what stands in step|the calculation in step] {1}{0};How [is|was] [step|stage] {1}{0} [written|worked out|done|calculated]"),
        "formula": ("[用|以|请用]LaTeX[写出|表示|给出|转写]{}第{}步;{}第{}步的LaTeX[|是什么|怎么写|代码]", "[LaTeX of|LaTeX code for|The LaTeX for] step {1}{0};[Convert|Turn|Put] step {1}{0} [to|into] LaTeX;How is step {1}{0} written in LaTeX"),
        "final": ("{}[的|]答案[是|是多少|是几|是什么|];{}[结果|最后结果|最终结果|最后答案|计算结果][是多少|是几|是什么|等于几|];{}[做出来|求出来|最后][是|等于]多少;{}[最后|最终]得到[什么|多少|几]"
            ";[请问|看一下]{}[最后|最终][的答案|的结果|算出来|求出来]是[多少|什么]", "[What is|What's|Tell me|Give] the [result|answer|final result|last result|solution|outcome]{};[What does|What did] [the student|it|the pupil|the work] [get|end up with|find|come to|obtain]{};[final answer|result|answer]{}"
            ";[What|Which] [answer|result|value|number|solution] [did the student get|does the work end with|comes out|was found|is reached|does the pupil give|stands at the end|was arrived at|is given at the end|did they reach]{};What does [the work|the calculation|the working|it|the exercise] [come to|end in|lead to|yield|result in|give]{}"
            ";[Could you|Can you|Please] [tell me|read|find] [the final answer|the last result|what comes out at the end|the solution the student found]{}"),
        "crosses": ("[红叉|叉|打叉|错号|×][有几个|几个|的数量|有多少|一共几个|共多少个];[一共|总共|][有|打了|画了][几个|多少个|多少][叉|红叉|错号];[数|数数|统计][红叉|叉]"
            ";[请问|看一下][老师|卷子上|作业上][打了几个叉|有多少个红叉]", "[How many|What number of|Count the|Number of] [crosses|red crosses|wrong marks|red x marks][| are there| can you see| were made| on the sheet]"
            ";How many [crosses|red crosses|wrong marks|X marks] [did the teacher make|did the teacher put|did the marker draw|does the sheet have|does the page show|did the student get|can you count|are to be seen|were given];How [many steps|many lines] [were crossed|got a cross|have a cross|bear a red cross|were marked with a cross];[Could you|Can you|Please] count the [crosses|red crosses|X marks]"),
        "ticks": ("[红勾|勾|打勾|对号|✓][有几个|几个|的数量|有多少|一共几个|共多少个];[一共|总共|][有|打了|画了][几个|多少个|多少][勾|红勾|对号|对勾];[数|数数|统计][红勾|勾|对勾]"
            ";[请问|看一下][老师|卷子上|作业上][打了几个勾|有多少个红勾]", "[How many|What number of|Count the|Number of] [ticks|red ticks|check marks|correct marks|tick marks][| are there| can you see| were made| on the sheet]"
            ";How many [ticks|red ticks|check marks|checks] [did the teacher make|did the teacher put|did the marker draw|does the sheet have|does the page show|did the student get|can you count|are to be seen|were given];How [many steps|many lines] [were ticked|got a tick|have a tick|bear a red tick|were marked with a tick];[Could you|Can you|Please] count the [ticks|red ticks|check marks]"),
        "marked_wrong": ("{}[错在|错的是|打叉的是|红叉在|老师打叉的是]第几步;{}[哪|哪个|第几]步[是错的|不对|有错|打了叉|旁有红叉|出错了];{}[找出|指出][错的|打叉的|错误的]步骤"
            ";[请问|看一下]{}[哪一步|第几步][被老师打了叉|做错了|标了红叉]", "[Which|What] step[ number|]{} [is wrong|has a cross|has the red cross|is crossed|got a cross|contains the mistake|was marked wrong];[Where is the mistake|Where is the cross|The wrong step]{}"
            ";[At which|In which|In what] [step|stage] [did the student go wrong|does it go wrong|is the mistake|lies the error|did the pupil slip|was the error made|does the mistake occur]{};[Which|What] step [did the teacher cross|did the teacher mark wrong|is incorrect|is mistaken|is not right|bears the cross|shows the error]{}"
            ";Where [did the student go wrong|does the work go wrong|did the teacher put the cross|was the mistake made]{};[Could you|Can you|Please] [tell me|find|show] the [wrong step|step with the mistake|step with the cross]{}"),
        "score": ("[得分|分数|成绩|总分|打分|几分|得了几分|多少分|评分][|是|是多少|多少];[老师|卷子|这张][给|打|得|批]了[几|多少]分"
            ";[请问|看一下][这份作业|这张卷子|学生][得了多少分|考了几分|的分数是多少]", "[What|Which] [score|mark|grade|points] [is given|did they get|is it|was given|is at the top];[score|grade|mark|points][| please];How [many points|well did the student do|high is the score]"
            ";How many [points|marks] [did the student get|did the teacher give|were awarded|were given|did the pupil score|did it earn|did the work receive];What [score|grade|mark|result] [did the student get|did the teacher give|was awarded|did the pupil receive|did the work get|has the paper];How was [the work|the homework|it|the student|the paper] [graded|marked|scored|rated|assessed]"
            ";[Could you|Can you|Please] [tell me|read|find] the [score|grade|mark|points]"),
        "task": ("{}[题目|题干|原题|问题|要求][是|写的|][什么|啥|];{}[让|要|要求][学生|]做[什么|啥];[看看|读|抄|写出]{}[题目|题干|原题];{}[考的|问的]是什么"
            ";[请问|看一下]{}[题目|这道题][是什么|要求做什么|问的是什么]", "[What is|What's|Show|Give|Tell me] the [exercise|problem|question|task|assignment]{};[What should|What must] [the student|one|they] [do|solve|work out]{};[problem|exercise|task]{}"
            ";What [was the student asked to do|was to be solved|has to be calculated|does the exercise ask|does the question ask|does the problem say|is there to solve|was set|is the pupil to do|has to be worked out]{};[Which|What] [problem|exercise|question|sum|equation] [was set|is given|is being solved|did they work on|has to be solved|stands at the start]{}"
            ";[Could you|Can you|Please] [read|tell me|copy] the [exercise|problem|question|task]{}"),
        "name": ("[姓名|名字|学生姓名|学生|作者][|是什么|是谁|叫什么];[谁|哪个学生|哪位同学][的|做的|写的][作业|卷子|]"
            ";[请问|看一下][这份作业|这张卷子]是[谁|哪位同学|哪个学生][写的|做的|的]", "[What name|Which student|Whose name|Which name] [is it|is written|is given|stands there|did this];[student's name|name|pupil];Who [did|is the student|made] [this|it|the homework]"
            ";Whose [homework|work|paper|worksheet|exercise] [is this|is it|do we see|have we here];Who [wrote it|handed this in|solved these|filled this in|worked on it|did the exercises|signed at the top];What is the [student|pupil|child] called;[Could you|Can you|Please] [tell me|read] the [student's|pupil's|child's] name"),
        "class": ("[班级|班|年级][|是什么|是哪个|是几|写的什么];[是|在|来自][哪个|几|哪]班[的|]"
            ";[请问|看一下][学生|这份作业]是[哪个班|几年级几班]的", "[Which|What] [class|form|grade] [is given|is this|are they in|is written|does the student attend];[class|form|grade][| please]"
            ";[Which|What] [class|form|grade|year] [is the student in|does the pupil go to|is the child in|does it come from|is noted|stands on the sheet];[Could you|Can you|Please] [tell me|read] the [class|form|grade]"),
        "date": ("[日期|时间|写作业的日期][|是几号|是哪天|是多少|写的什么];[几月几号|什么时候|哪一天|几号][写|做|交|]的"
            ";[请问|看一下][作业|卷子]上写的[日期|时间]是[哪天|几月几号]", "[What|Which] [date|day] [is it|is given|is written|was it];[date|day][| please];When was it [done|made|dated|handed in]"
            ";When [did the student do it|was the homework written|was it worked on|was the sheet filled in];[On what|On which] [day|date] [was it done|was it written|did they do it|was the homework made];[Could you|Can you|Please] [tell me|read] the [date|day] [on the sheet|on the homework|at the top]"),
        "teacher": ("[老师|教师|批改老师][是谁|姓什么|的名字|姓名|叫啥];[谁|哪位老师][改的|批的|打的分]"
            ";[请问|看一下]是哪位老师[批改的|打的分]", "[Who|Which teacher] [is the teacher|marked it|checked it|corrected this|gave the mark];[teacher|teacher's name|name of the teacher]"
            ";Who [gave the points|graded it|put the marks|did the marking|teaches this class|corrected the homework];By whom was it [marked|graded|corrected|checked];[Could you|Can you|Please] [tell me|read] the teacher's name"),
    },
    "cartons": {
        "where_object": ("[框选|圈出|标出|标注|指出|画出|找到][破损|破损处|损坏的地方|破口][|位置];[破损|破损处|破口|损坏处]的[坐标|位置|边框];[给出|输出|返回][破损|破损处]的[坐标|位置|方框]", "[Where's|Point out|Outline|Frame|Find|Detect|Show] the [damage|tear or dent|damaged spot|damaged part];[Give|Return|Output] the [bounding box|coordinates|position] of the [damage|damaged part];[coordinates|position|bbox] of the damage"),
        "damaged": ("[箱子|纸箱|包装|外箱|盒子|包裹|它|这个箱子][坏了吗|有问题吗|破没破|有没有坏|有没有破|损坏了吗|有没有损坏|是好的吗|是坏的吗|破损了没有|有破的地方吗];[有没有|有|是否有][破损|损坏|破洞|问题|破的地方][吗|]"
            ";[请问|看一下][箱子|包裹|纸箱][有没有破损|是不是坏了|是否完好]", "[Is|Was] [it|the box|the carton|the package|the parcel] [damaged|broken|intact|in good condition|unharmed|okay|torn or dented];[Is there|Do you see|Any|Can you see] [damage|any damage|a defect|something broken][| on the box| on it];Does the [box|carton|package] [have|show] damage"
            ";Did the [box|carton|package|parcel] [suffer damage|arrive in one piece|survive the trip|get damaged|arrive damaged|come to harm];Is there [anything wrong|something wrong|any defect|any harm|any breakage] [with the box|with the carton|on the parcel|on the package];Has [it|the box|the carton|the parcel|the package] been [damaged|harmed|hurt|broken|dented or torn]"
            ";[Can you|Could you|Please] [tell me|say|check] [whether|if] the [box|carton|parcel|package] [is damaged|is broken|is intact|is in good order]"),
        "damage_kind": ("[是|属于|][什么|哪种|哪类|啥][破损|损坏|损伤|问题];[破损|损坏|问题]的[类型|种类|样子|形式][是什么|];[箱子|纸箱|包装][哪里不对|出了什么问题|坏成什么样|是撕了还是瘪了|是撕裂还是凹陷]"
            ";[请问|看一下][箱子|纸箱]的[破损|损坏]是[哪一种|什么类型|撕裂还是凹陷]", "[What|Which] [type|kind|sort] of [damage|defect|harm] [is there|does it have|is shown|is visible];[What's|What is] [wrong|the damage|the matter|the problem|broken] [with it|with the box|here];Is [it|the box|the carton] torn or dented"
            ";[How|In what way] [is|was] [it|the box|the carton|the parcel|the package] [damaged|broken|harmed|hurt];What happened to the [box|carton|parcel|package];Has [it|the box|the carton] [been torn or dented|a tear or a dent|got a tear or a dent];What [damage|harm|defect] [did the box suffer|has the box|does the carton have|do you see|can be seen|was done]"),
        "damage_place": ("[破损|损坏|破的地方|坏的地方|问题|破口][在哪|在哪里|在箱子哪里|在什么地方|位于哪里|在哪一块|在哪个位置|在哪个角];[箱子|纸箱|包装|外箱][哪里坏了|哪儿破了|哪里有问题|哪个位置破了|哪块破了]"
            ";[请问|看一下][箱子|纸箱][哪个部位|哪个位置|哪一块][破了|坏了|有损坏]", "[Where|At what place|In which corner|In which part|On which side] [is the damage|is it damaged|is it broken|is the defect|is the box damaged|is the hole];[damage position|place of the damage|where is it broken]"
            ";[Which|What] [corner|part|side|area|spot|place] of the [box|carton|parcel|package] [is damaged|is broken|was hit|shows the damage|has suffered|has the defect];Where [on the box|on the carton|on the parcel] [is the damage|do you see damage|is the defect|is something broken|lies the damage];Where [has the box been damaged|did the box get damaged|does the carton show damage|can the damage be seen]"),
        "damage_share": ("[破损|损坏|破口|破损处][占|有][箱子|纸箱|箱面|箱宽]的[百分之几|百分之多少|多少百分比|几成]", "[What percent|How many percent|What percentage] of the [box|carton|width] [is the damage|does the damage take|is broken]"),
        "damage_cm": ("[用|按|照|根据]A4纸[算|量|比|来看]，[破损|破口|破损处][多宽|宽多少厘米|有几厘米|多少厘米]", "[With|Using|By] the A4 [sheet|paper|page], how [wide|many cm wide|broad] is the damage"),
        "carton_cm": ("[用|按|照|根据]A4纸[算|量|比|来看]，[箱子|纸箱][多宽|宽多少厘米|有几厘米宽|多少厘米]", "[With|Using|By] the A4 [sheet|paper|page], how [wide|many cm wide|broad] is the [box|carton]"),
        "lining": ("[内衬|里衬|气泡膜|填充物|里面的衬垫|缓冲材料][看得到吗|露出来没有|可见吗|有没有露出|能看见吗|露没露];[能|是否能|能不能]看[到|见][里面|内衬|里面的内衬|填充物][吗|]"
            ";[请问|看一下][内衬|里衬|填充物][露出来了吗|能看到吗]", "[Is|Can you see|Do we see] the [lining|inner lining|inside|padding|bubble wrap][| visible| exposed| showing];Does [the lining|the inside|any padding] [show|stick out|appear]"
            ";Has the [lining|padding|inside|filling|inner layer] [come out|been exposed|become visible|been laid bare];[Can one|Do you|Could one] see [the padding|the filling|what is inside|the inner layer|any lining];[Could you|Please] [tell me|check] [whether|if] the [lining|padding|inner layer] [shows|is visible|is exposed|can be seen]"),
        "mark": ("[箱子|纸箱|包装|外箱|]上[有|印着|写着|印了|贴着|标着]“{}”[吗|标志吗|字样吗|标识吗|];[看得到|有没有|是否有|找得到]“{}”[吗|标识|标志|]"
            ";[请问|看一下][箱子|纸箱]上[有没有|是否有]“{}”[标志|字样|]", 'Is [there |][a |the |][mark |sign |words |]"{}" [on the box|on it|there|visible|shown];[Does it|Does the package|Does the carton] [say|show|bear|have] "{}";[Do you see|Can you find] "{}" on the [box|carton]'
            ';Has [the box|the carton|the parcel] [the mark|the sign|the words|a label] "{}";[Is|Was] "{}" [printed|written|marked|stuck|put] on the [box|carton|parcel|package];[Can one|Could you|Can you] [read|see|spot|find] "{}" on the [box|carton|parcel];[Tell me|Check|See] [whether|if] the [box|carton|parcel] [says|shows|bears|has] "{}"'),
        "missing": ("[缺不缺|缺少|少了|没有|漏了]“{}”[吗|标识吗|标志吗|];“{}”[标识|标志|][是否缺失|是不是没有|没有吗|没印吗|缺少了吗]"
            ";[请问|看一下]“{}”[标志|字样]是不是[缺了|没印]", 'Is "{}" [missing|absent|lacking|not there];[Does it|Does the box|Does the carton] [lack|miss] [the mark |]"{}";[Has|Was] "{}" [been forgotten|not printed]'
            ';Does the [parcel|package|box|carton] [lack|miss|omit|go without] "{}";[Was|Is] "{}" [left out|omitted|forgotten|absent from the box|not on the box];[Tell me|Check|See] [whether|if] "{}" is [missing|absent|lacking]'),
        "marks": ("[箱子|纸箱|包装|外箱]上[的|][标识|标志|字|文字|标记|写着什么|写了什么|印的什么|是什么字];[有|有哪些|印了哪些|写了哪些][标识|标志|字|标记];[读|认][出|一下][箱子|纸箱]上的[字|标识]"
            ";[请问|看一下][箱子|纸箱]上[印了什么|写着哪些字|有哪些标志]", "[What|Which] [marks|signs|words|text|labels|symbols] [are there|are on it|are printed|do you see|does the box have|does it carry];[What|] [does the box say|does the carton say|is written on the box|is written on it];[Read|List] the [marks|words|signs] on the [box|carton]"
            ";[What|Which] [marks|signs|words|labels|warnings|notices] [can you read on the box|are printed on the carton|does the carton bear|does the parcel show|stand on the box|are stuck on the box|do you find on the parcel];What [is printed|is marked|can be read|stands|is stamped|was written] on the [box|carton|parcel|package]"
            ";[Could you|Can you|Please] [read|list|tell me] [the marks|the words|the signs|what is printed] on the [box|carton|parcel]"),
        "describe": ("[描述|说明|介绍|概括|讲讲|说说][一下|][图片|照片|画面|箱子|这个包裹|情况];[图里|照片里|画面中][有什么|是什么|的情况]", "[Describe|Explain|Summarise|Outline] [the picture|the photo|the box|what you see|the damage];[What do you see|What is shown|What does the photo show|Tell me about the picture]"),
        "receiver": ("[收件|收货|收]的人[叫什么|是谁|姓名];[谁|哪位]的[快递|箱子|包裹]"
            ";[请问|看一下][快递|箱子]是[寄给谁|谁收]的", "[Who|Which person] [gets it|is it for|receives the box|is the receiver]"
            ";[To whom|For whom] is the [box|parcel|package|carton] [sent|addressed|meant];Who [should get the parcel|is the parcel for|is named as recipient|will receive the box|does the box go to]"),
        "weight": ("[多重|有多重|重多少|几公斤|多少斤|重量|毛重][|是多少]"
            ";[请问|看一下]这箱[多重|有多少公斤]", "[How heavy|What weight] is [it|the box|the carton];[weight|weight of the box]"
            ";How [heavy is the parcel|much does the box weigh|many kilos does it weigh|many kilograms is it|much does the carton weigh];What does the [box|carton|parcel|package] weigh;What [is the weight given|weight is printed|weight is stated|is its mass]"),
    },
    "charts": {
        "value": ("{0}{1}[的|][数值|值|数据|数量|数字][|是多少|是几|为多少];{0}{1}[是|有|等于|达到了][多少|几];[看看|查|读出|告诉我]{0}{1}的[值|数值|数据]"
            ";[请问|看一下]{0}{1}[的数值|的值|的数据|的读数]是多少", "[What is|What's|Tell me|Give|Read|Find] the [value|number|figure|amount] [of|for|at] {1}{0};[How many|How much|What value] [has|is|does] {1}{0}[| have| reach];{1}{0}"
            ";[What|Which] [value|number|figure|amount|reading] [is shown for|is given for|belongs to|is plotted for|is marked for|stands for|is reached by|do we read for|does the chart give for] {1}{0};[How high|How big|How large|How much|How many] is {1}{0};What does {1} [reach|show|come to|amount to|stand at|read|score]{0};[Could you|Can you|Please] [read|tell me|find] the [value|number|figure|amount] [of|for] {1}{0}"),
        "cell": ("{0}{1}[的|在]{2}[数值|的数据|一列|那一栏|列][是多少|是几|];[查|看看|读出]{0}{1}[的|对应的]{2};{0}[表里|]{1}行{2}列"
            ";[请问|看一下]{0}{1}[那一行|]的{2}是多少", "[What is|Read|Find|Give] the {2} [of|for] {1}{0};[What does|How much does] {1} have [in|under|for] {2}{0};{1}, {2}{0};[cell|entry|number] [at|for] {1} and {2}{0}"
            ";[What|Which] {2} does {1} [have|show|reach|get]{0};What [is the entry|is the number|stands|is written|is the figure|is listed] [for|in the row of|in the line of|beside] {1} [under|in column|for] {2}{0};[Could you|Can you|Please] [read|tell me|look up] the {2} [of|for] {1}{0}"),
        "largest": ("{}[数值最大|值最高|最大值|最高值|最多|占比最大|数量最多][的是谁|的是哪个|是哪个|是什么|是哪一项|];{}[谁|什么|哪个][最多|最高|最大|领先]"
            ";[请问|看一下]{}[哪一项|哪个|谁]的[数值|数据|数量][最大|最高|最多]", "[Which|What|Who] [has the largest value|has the biggest share|is biggest|is greatest|is at the maximum|is the top one|has the most|leads]{};[maximum|largest item|highest value|the biggest]{}"
            ";[Which|What] [item|bar|part|entry|category|one|label|point|group|slice] [is the highest|is the largest|is the biggest|is the tallest|comes first|ranks first|tops the rest|is ahead|reaches the maximum|has the highest number|has the top value|wins|stands out as the largest]{};[Who|What|Which one] [tops the list|comes out on top|is number one|takes first place|is in the lead|beats the others|peaks|ranks highest]{}"
            ";[Where is|Where do we find|For which item is there] the [highest value|largest value|maximum|peak]{};[Name|Tell me|Find|Give] the [highest item|largest one|top entry|item with the highest value|leader|biggest category]{}"),
        "smallest": ("{}[数值最小|值最低|最小值|最低值|最少|占比最小|数量最少][的是谁|的是哪个|是哪个|是什么|是哪一项|];{}[谁|什么|哪个][最少|最低|最小]"
            ";[请问|看一下]{}[哪一项|哪个|谁]的[数值|数据|数量][最小|最低|最少]", "[Which|What|Who] [has the smallest value|has the least|is lowest|is least|is at the minimum|is the bottom one|has the fewest|has the smallest share]{};[minimum|smallest item|lowest value|the least]{}"
            ";[Which|What] [item|bar|part|entry|category|one|label|point|group|slice] [is the lowest|is the smallest|is the least|is the shortest|comes last|ranks last|is behind the rest|reaches the minimum|has the lowest number|has the bottom value|loses|stands out as the smallest]{};[Who|What|Which one] [is at the bottom|comes out last|takes last place|is behind all others|ranks lowest|trails the others]{}"
            ";[Where is|Where do we find|For which item is there] the [lowest value|smallest value|minimum]{};[Name|Tell me|Find|Give] the [lowest item|smallest one|bottom entry|item with the lowest value|smallest category]{}"),
        "trend": ("{}[趋势|变化|走势|走向|变化趋势][|如何|怎样|是什么|是怎样的];{}[是|在]上升、下降还是平稳;{}[数据|折线|曲线][涨了还是跌了|怎么走|如何变化]"
            ";[请问|看一下]{}[数据|曲线|整体]是[上升、下降还是平稳|涨还是跌]", "[What|Which] [trend|direction|tendency] [is shown|does it have|is there]{};[Does it|Do the values|Does the line] [rise, fall or stay flat|go up, down or stay flat]{};[trend|tendency]{}: up, down or flat"
            ";[How do|How did] [the values|the numbers|the figures|the data] [develop|change|move|evolve|run|behave][| over time]{};[Is it|Is the line|Is the curve|Is the trend] [rising, falling or flat|going up, down or staying level|upward, downward or flat|up, down or steady|climbing or dropping]{};[Do the numbers|Do the figures|Do things] [rise or fall|grow or shrink|increase or decrease|climb or drop|go up or down]{}"
            ";[Which way|In which direction|Where] [does the line go|does the trend go|is it going|do the values move|does the curve head]{}"),
        "chart_title": ("[标题|图名|名称|图表名|图表标题|题目][叫什么|是啥|写了什么|];[这张|这个|]图[叫什么|的标题|的题目|讲的是什么|是关于什么的];[读|念][出|一下]图[表|]的[标题|名称]"
            ";[请问|看一下][图表|这张图|统计图]的[标题|名称]是什么", "[Read|Give|Tell me|State] the [title|heading|name] [of the chart|of the graph|];[What is|What's] the [graph|diagram|plot|table] [called|about|titled];[title|heading|chart title][| please]"
            ";How is the [chart|graph|diagram|plot|figure|table] [titled|headed|entitled|named];What [title|heading|name|caption|headline] [does the chart have|does the graph carry|has the diagram|is given to the chart|stands above the chart|was the chart given|is printed above the graph];[What is|Tell me] the [topic|subject|theme] of the [chart|graph|diagram|plot]"
            ";[Could you|Can you|Please] [read|tell me] the [title|heading|caption] [of the chart|of the graph|above the chart]"),
        "axis": ("{}[纵轴|坐标轴|数值轴|Y轴|轴][是什么|表示什么|代表什么|的名称|的含义|标题|标的是什么];{}[衡量|统计|显示]的[是什么|指标]"
            ";[请问|看一下]{}[纵轴|数值轴|竖轴][表示|代表|显示]什么", "[What is|What's|Which quantity is|What stands] [on|at|along] the [axis|value axis|vertical axis]{};[What does|What is] the axis [show|stand for|called|measuring]{};[axis title|axis label|name of the axis]{};What is measured{}"
            ";[What|Which quantity|Which measure|What quantity] [does the axis show|does the axis measure|is plotted on the axis|does the vertical axis stand for|is measured on the vertical axis|is counted along the axis|does the y axis give|does the value axis represent]{};What [is the vertical axis about|is the axis labelled|is written along the axis|is written on the axis|do we read at the axis|is the y axis called]{}"
            ";[Could you|Can you|Please] [read|tell me] [the label of the axis|what the axis says|the axis title|the name of the vertical axis]{}"),
        "unit": ("{}[单位|计量单位|数据单位][|是啥|是什么|写的什么];{}[以|用|按]什么[单位|为单位|做单位]"
            ";[请问|看一下]{}[数据|数值]的[单位|计量单位]是什么", "[What|Which] [unit|units] [is it|are given|are shown|is given|do the numbers have]{};[unit|units|unit of the values]{};[In|By] which units{}"
            ";[In what|In which|By what] [unit|units|measure] [are the values|are the numbers|are the figures|is it|are the data] [given|measured|counted|stated|expressed|shown]{};What [unit|units|measure] [do the values have|do the figures have|belongs to the numbers|is used|goes with the values|does the chart use|is written at the axis]{};What are the [values|numbers|figures|data] [measured in|counted in|given in|expressed in]{}"
            ";[Could you|Can you|Please] [tell me|read] the [unit|unit of the values|unit of measure]{}"),
        "charts": ("[图表|图|统计图][的数量|有几个|几个|有多少|一共几张|共几幅];[数|数数|统计][一下|]图[表|]"
            ";[请问|看一下][图里|页面上|一共]有[几张|多少张|几个][图|图表]", "[How many|What number of|Number of|Count] [charts|charts and tables|graphs|diagrams|plots][| are there| can you see| are shown]"
            ";How many [charts|graphs|diagrams|plots|figures] [does the picture show|does the page have|do you see|were drawn|can be counted|are on the page|does the image contain];[Could you|Can you|Please] count the [charts|graphs|diagrams|plots]"),
        "chart_kind": ("“{}”[是|属于|用的是][柱状图、折线图、饼图还是表格|什么类型|什么样的图|哪类图表|何种图];“{}”的[图表|][类型|种类|形式]"
            ";[请问|看一下]“{}”是[哪种|什么]图[表|]", '[What|Which] [sort|type|form] of [chart|graph|diagram|figure] is "{}";Is "{}" a bar chart, a line chart, a pie chart or a table;[Chart type|Kind|Type] of "{}"'
            ';[How is|How was|In what form is] "{}" [shown|drawn|plotted|displayed|presented|charted];[What|Which] [kind|sort|type] of [chart|graph|diagram|plot] [shows|was used for|is used for|do we see in|has the title|presents] "{}";"{}" is [what|which] [kind|type|sort] of [chart|graph|diagram]'),
        "relation": ("“{0}”在“{1}”的[哪边|左边还是右边|哪个方向|哪一侧|哪里];[图|图表|]“{0}”[和|相对于|与]“{1}”[的位置关系|在哪边|，在什么方向]", '[Where is|On which side is|In what direction is] "{0}" [of|from|relative to|as seen from] "{1}";[Is "{0}"|Does "{0}" lie] [to the left, to the right, above or below|left, right, above or below] [of |]"{1}"'
            ';[On what side of|In which direction from] "{1}" [is|stands|lies|do I find] "{0}";[Where does|In which place does] "{0}" [stand|lie|appear] [seen from|relative to|with respect to] "{1}"'),
        "colour": ("{0}{1}[的颜色|是什么色|什么颜色|是哪个颜色|用什么颜色];{0}[哪种颜色|什么颜色][代表|表示|是]{1}"
            ";[请问|看一下]{0}{1}是[什么颜色|哪种颜色]", "[What|Which] [colour|color] [is|has|marks|represents|is used for] {1}{0};[colour|color] of {1}{0};[Tell me|Name] the [colour|color] of {1}{0}"
            ";In [what|which] [colour|color] is {1} [shown|drawn|painted|marked|plotted|displayed]{0};[What|Which] [colour|color|shade] [stands for|shows|denotes|was chosen for|was given to|does the chart use for|belongs to] {1}{0};How is {1} [coloured|colored|painted]{0};What is the [colour|color] [for|of] {1}{0}"),
        "difference": ("{0}{1}[与|和|跟|比]{2}[差多少|相差多少|的差|差几|的差距|多出多少|之差是多少]"
            ";[请问|看一下]{0}{1}[和|与]{2}[相差|差]多少", "[By how many|How many more|How much larger|How much higher] is {1} [than|compared with] {2}{0};[Difference|Gap] between {1} and {2}{0};[Subtract|Take] {2} from {1}{0}"
            ";[What is|Tell me|Work out|Give|Find|Calculate] the [difference|gap|distance|margin] between {1} and {2}{0};By [how much|what amount|how many] [does {1} exceed|does {1} surpass|is {1} above|is {1} ahead of|does {1} beat|does {1} top] {2}{0};How [far|much] [is {1} above|is {1} ahead of|does {1} differ from|is {1} higher than|is {1} larger than] {2}{0};How many more does {1} have than {2}{0};What is {1} minus {2}{0}"),
    },
    "screens": {
        "fee": ("[运费|邮费|配送费|快递费|送货费|物流费][|是多少|多少|多少钱|几块|要多少|怎么算|收多少];[送货|配送|快递|寄][要|需要|收][多少钱|多少|几块|钱吗]"
            ";[请问|看一下][送到家|寄过来|送货|配送|快递]要[收|付|花]多少[钱|运费]", "[What|How much] [is the shipping|is delivery|is the delivery charge|does shipping cost|is the postage|are the shipping costs|is charged for delivery|is the freight];[shipping fee|delivery fee|shipping cost|postage|delivery cost][| please]"
            ";[What|How much] [do they charge|does the shop charge|do they take|do I pay|does one pay|must I pay|is asked|does it cost|do they want|does the seller want|will I pay|is added|is taken] for [shipping|delivery|postage|sending it|posting it|mailing it|the courier|bringing it|the transport|dispatch|carriage|shipment|delivering it|the freight|home delivery]"
            ";[What|How much] [does it cost|would it cost|is it] to [ship it|send it|post it|mail it|deliver it|have it delivered|have it sent|have it brought|get it delivered|transport it|bring it home]"
            ";[What|How much] [is the freight|is the postage|is the carriage|is the courier fee|is the transport charge|is the dispatch fee|does the courier get|does the courier cost|does sending it cost|does delivery come to|does postage come to];[Could you|Can you|Please] [tell me|find|read|give me] the [shipping fee|delivery charge|postage|cost of sending it|price of delivery|courier fee|transport cost|freight]"),
        "to_pay": ("[实付|应付|需付|合计|总计|总额|总价|付款金额|订单金额][|是多少|多少|多少钱];[要|需要|得|该|总共要|一共要|最终要][付|支付|交|给|花][多少|多少钱|几块];[一共|总共|这单][多少钱|花多少]"
            ";[请问|看一下][这个订单|这单|这些东西][一共要付多少|最后付多少|总共多少钱]", "[What|How much] [is the total|do I have to pay|is the order total|is the amount due|is due|is payable|is the sum|does everything cost|is it in total];[total|order total|grand total|amount due|total to pay][| please]"
            ";[What|How much] [must I pay|do I owe|will I pay|does the buyer pay|does one have to pay|should I pay|do I end up paying|does the customer owe|is to be paid|has to be paid|will be charged] [in total|in all|altogether|in the end|all in all|overall|for the order|for everything|for the whole order]"
            ";[What|How much] [does the order cost|does the whole order cost|does it all come to|does the bill come to|does everything add up to|does the cart come to|is the whole thing|is the final price|is the bill|is the grand total|is the final amount];[Could you|Can you|Please] [tell me|find|read|give me] [the amount to pay|the order total|the final price|the sum payable|what I have to pay in total|the grand total]"),
        "threshold": ("[包邮|免运费|免邮|免配送费][条件|门槛|金额|的条件|起点][|是什么|是多少];[多少钱|多少元|满多少|买多少|消费满多少][以上|起|][包邮|免运费|免邮|不收运费]"
            ";[请问|看一下][消费|买|购物][满多少|达到多少][可以|才能][包邮|免运费]", "[What|How much] [must I spend|is needed|order value|minimum] [for|to get] free [shipping|delivery];[free shipping|free delivery] [threshold|limit|from what amount|starts at what|minimum];[When|From how much] [is shipping free|do they ship free|is there no shipping fee]"
            ";[How much|What amount|What sum] [do I need to spend|must I buy for|has to be spent|must the order reach|do I have to order for|must one spend|should I spend] [for|to get|to have|to earn|to qualify for] [free shipping|free delivery|free postage]"
            ";[From|Above|Over|At] what [amount|sum|total|order value|price|spend] [is shipping free|is delivery free|do they deliver free|is postage free|does shipping cost nothing|is the fee dropped|do they send it free|is the delivery fee waived];What is the [minimum|minimum order|threshold|limit|least order value|required amount] for [free shipping|free delivery|free postage]"
            ";When [does shipping become free|does delivery cost nothing|is delivery free|do they waive the fee|do I get free delivery]"),
        "remaining": ("[还要|还需|还得|再|还差][买|花|消费|凑|加][多少|多少钱|几块][才|就|才能|]包邮;[差|缺|还差|还缺][多少|几块|多少钱|多少元][免运费|包邮|到包邮|可以免运费]"
            ";[请问|看一下][再买|还要买|还差][多少钱|多少元|多少][才能|就能|可以][包邮|免运费]", "[How much|What amount|What sum] [more do I need|is left|more to buy|should I add|else to spend] [for|to get|until] free [shipping|delivery];[amount|money] [left|missing] [until|to|for] free [shipping|delivery]"
            ";How much [is missing|is lacking|do I lack|must I add|more must I spend|more should I buy for|more do I have to spend|is still needed|has to be added|am I short|is there to go] [for|to get|to reach|until|before] free [shipping|delivery|postage];[How far|How far away] [am I|is the order|is the cart|is the basket] from free [shipping|delivery|postage]"
            ";What [is missing|is still missing|amount is lacking|sum is needed|is left to spend|must still be spent|should I add] [for|to get|until|to reach] free [shipping|delivery|postage];By how much do I miss free [shipping|delivery|postage]"),
        "free": ("[免不免运费|是否包邮|包不包邮|有没有包邮|运费免了吗|是免运费吗|要付运费吗|够包邮了吗|满足包邮了吗];[这单|订单|现在]是[包邮|免运费]的吗"
            ";[请问|看一下][这单|这个订单][包邮吗|免运费吗|要不要付运费]", "[Is shipping|Is delivery|Do they ship] [free|for free|free of charge][| here| now];[Do I|Does one] [get|have] free [shipping|delivery];[Have I|Has the order] [reached|met] the free [shipping|delivery] [limit|threshold]"
            ";Does [shipping|delivery|postage|sending it|the courier] [cost anything|cost nothing|come free|cost extra|cost money];[Do I have to|Does the buyer have to|Does the customer|Must I|Must the buyer] pay for [shipping|delivery|postage|sending];Is the [order|parcel|cart|basket] [delivered free|shipped free|sent free|sent at no cost|shipped at no charge]"
            ";Does the [order|cart|basket|purchase] [qualify for|reach|get|earn] free [shipping|delivery|postage];Has the [delivery fee|shipping fee|postage] been [waived|dropped|cancelled];[Could you|Can you|Please] [tell me|check] [whether|if] [shipping is free|delivery is free|they ship for free|the order ships free]"),
        "panel": ("“{}”[属于|在|放在|位于|出现在][哪个|什么|哪一个][板块|区域|栏|部分|模块|分区|卡片];[哪个|什么][区域|部分|栏|模块][有|包含|写着|显示]“{}”"
            ";[请问|看一下]“{}”[写在|属于|在]哪个[板块|区域|卡片|栏目][里|]", '[Which|What] [box|block|area|card|section] [contains|includes|lists|shows] "{}";[Where|In what section|In what area|In which block] [is|do I find|stands] "{}";[section|panel|area] of "{}"'
            ';[In|Under|Inside|Within] [which|what] [panel|section|block|box|card|area|part|group] [is|do I find|do we see|appears|stands|can I read|does one find] "{}";[Which|What] [panel|section|block|box|card|area|part|group|heading] [has|holds|mentions|gives|displays] "{}";To [which|what] [panel|section|block|card|group] does "{}" belong;[Under|Below] [which|what] [heading|title|headline] [is|stands|appears|do I find] "{}"'
            ';In which section [on the screen|on the page|in the app] is "{}" [listed|shown|printed|grouped]'),
        "small_print": ("[优惠券|券|优惠][条件|规则|说明|限制|要求|的使用规则][|是什么|有哪些|怎么写的];[满多少|怎样|如何|怎么][可以|能|才能|]用[券|优惠券];[读|看]一下优惠券的[条件|说明|规则|小字]"
            ";[请问|看一下][优惠券|券][有什么使用条件|什么情况下可用|的使用门槛是什么]", "[What is|What are|Read|Tell me] the [coupon terms|coupon condition|conditions of the coupon|coupon rule|fine print of the coupon|limits of the coupon];[How|From what amount|On what condition] [can I use|does one use|is] the coupon[| valid| used];[coupon|coupon terms|coupon conditions]"
            ";[When|How|On what terms|Under what condition|Under which conditions] [can|may] the [coupon|voucher|discount|offer] be [used|applied|redeemed|cashed in];What [must I spend|do I need|is required|is needed|is the requirement|is the condition|do I have to spend|must the order reach|is the minimum spend] to use the [coupon|voucher|discount|offer]"
            ";What does the [small print|fine print|tiny text|note|condition] [of the coupon|on the coupon|of the voucher|under the coupon|on the voucher] say;When [is the coupon valid|does the coupon apply|does the voucher work|does the coupon work|does the discount hold|is the voucher good];[Could you|Can you|Please] [read|tell me] the [terms|conditions|rules|small print|fine print] of the [coupon|voucher]"),
        "price": _PRICE,
        "quantity": _QUANTITY,
        "kinds": ("[商品|货品|东西][有几种|几种|种类数|有多少种|共几样|的种类];[一共|总共|][几|多少][样|种]商品;[数|数数][商品|有几样商品]"
            ";[请问|看一下][订单里|购物车里|一共][有几种商品|有多少种商品]", "[How many|What number of|Number of|Count] [items|products|kinds of items|lines|articles][| are there| are listed| do they buy| are in the order]"
            ";How many [different products|different items|kinds of goods|kinds of products|articles|different goods|separate products] [does the order have|are in the cart|are in the basket|were chosen|were ordered|does the list hold|do you see|does the cart contain|are being bought];[Could you|Can you|Please] count the [different products|different items|kinds of goods|articles]"),
        "relation": ("“{0}”[和|与|跟]“{1}”[比|相比]在[上面还是下面|上方还是下方];“{0}”在“{1}”[上面还是下面|上方还是下方];“{0}”是[不是在|在]“{1}”的[上方|上面]还是[下方|下面]", '[Is|Does] ["{0}"|the block "{0}"] [stand above or below|above or below|higher or lower than|over or under] "{1}";[Above or below|Over or under] "{1}": "{0}"'
            ';Does "{0}" [come above or below|stand over or under|appear above or below|sit higher or lower than] "{1}";Which way from "{1}" is "{0}", above or below'),
        "button": ("[按钮|按键|底部按钮|下方按钮][写的什么|上的字|的文字|文字是什么|叫什么|写了啥|显示什么];[点|要点|可以点]的[按钮|]是什么;[读|认][出|一下]按钮"
            ";[请问|看一下][按钮|大按钮|底部的按钮]上[写的|显示的]是什么[字|]", "[What is|Read|Tell me|Which is] the [button|button's text|label of the button|button label|text on the button];[What|Which words] [is|are] on the [button|big button];[button|button text]"
            ";What [does the button say|does the big button say|does the button read|do the words on the button say|is the button called|is the button labelled|is written on the button|stands on the button|can I press|can one tap|is the label on the button];[Could you|Can you|Please] [read|tell me] [the button|the words on the button|what the button says|the label of the button|the text in the button]"
            ";[What|Which] [text|label|words|word|caption] [does the button bear|does the button carry|has the button|is in the button|do you read on the button|stands in the big button]"),
        "colour": ("按钮[什么颜色|啥颜色|的颜色|是哪种颜色|颜色是什么|是什么色];[看看|说说]按钮的颜色"
            ";[请问|看一下][按钮|大按钮]是[哪种颜色|什么颜色]的", "[What|Which] [colour|color] [is|has] the [button|big button];[colour|color] of the button;What is the button's [colour|color];Tell me the [colour|color] of the button"
            ";In [what|which] [colour|color] is the [button|big button|main button|bottom button] [shown|drawn|painted|filled|kept];How is the [button|big button|bottom button] [coloured|colored|painted|filled];[What|Which] [colour|color|shade] [does the button have|was the button given|is used for the button|fills the button|do you see on the button]"),
    },
    "shelves": {
        "price": _PRICE,
        "unit": ("{}[按|论|以][什么|啥|哪个单位][卖|计价|算钱|出售];{}[的单位|单位|计量单位|价格的单位][|是什么|是啥];{}[一|每][个什么|什么]多少钱"
            ";[请问|看一下]{}[按什么单位|论什么]卖", "[What|Which] [unit|measure] [is used for|has|goes with] [the price of |]{};[Unit|Price unit|Sales unit] of {};{} is [sold|priced|counted] [by|per] what"
            ";[By|In|Per] what [unit|measure|amount] is {} [sold|priced|offered|counted|charged];What [unit|measure] does the [price|tag|label] of {} [use|give|name|refer to|state];In which unit is {} [sold|priced];The price of {} is per what;[Could you|Can you|Please] [tell me|read] the [unit|price unit|sales unit] of {}"),
        "best_before": ("{}[保质期|有效期|到期日|过期日|保质期至|截止日期][|是哪天|到几号|是什么时候|是多少|到何时];{}[什么时候|哪天|几号|何时][到期|过期|失效|坏]"
            ";[请问|看一下]{}[保质期到什么时候|哪天过期|几号到期]", "[When is|What is|Tell me|Read] the [expiry date|best before date|use-by date|expiration|best before] of {};[How long|Until what day|Until when|Till when] [is|does] {}[| keep| last| valid| fresh];{} [expiry|best before|expires when]"
            ";When [does|will] {} [expire|go bad|go off|spoil|run out|pass its date|turn bad|stop being good];[Until when|Until what date|Till what day|How long|Up to what date] [can|may|should] {} be [eaten|used|kept|consumed|sold|stored|enjoyed];[By when|By what date|By which day|Before what date] [must|should] {} be [eaten|used|consumed|used up|finished]"
            ";[What|Which] [date|day|expiry date|use-by date|best-before date] [is printed on|is given for|is stated for|is on the package of] {};[Could you|Can you|Please] [tell me|read|find] [the expiry date|the best-before date|the use-by date] of {}"),
        "print_language": ("{}[的|]包装[用的|是|写的|][什么语|哪种语|什么语言|哪国语言|什么文|哪国文字];{}[上面|盒子上][写的|印的]是[什么语言|哪国话|什么文字]"
            ";[请问|看一下]{}[的包装|包装盒]上[印的|写的]是[什么语言|哪国文字]", "[What|Which] language [has|is used on|is printed on|do you see on|does one read on] [the package of |the box of |]{};[Language|Print language] of [the package of |]{};[Is|In which language is] the [print|text|slogan] [on|of] {}"
            ";In [what|which] [language|tongue] is [the label of|the package of|the box of|the print on|the text on|the slogan on|the writing on] {}[| written| printed];[What|Which] [language|tongue] [is the label of|is the writing on|is the text on|is the slogan on|is chosen for|does the maker use on] {};[Could you|Can you|Please] [tell me|name|say] the language [on|printed on|of the words on|of the text on] {}"),
        "relation": ("{0}[在|位于|处于|是在]{1}[左边还是右边|的左侧还是右侧|的左面还是右面|的哪一边|左侧还是右侧];{0}和{1}[谁|哪个]在左，{0}在左边还是右边", "[Is|Does] [the |]{0} [stand left or right of|to the left or right of|left or right from|on the left or on the right of] [the |]{1}"
            ";[Left or right|On the left or on the right] of [the |]{1}: {0};On which side of [the |]{1} [is|stands|sits] [the |]{0}, left or right"),
        "height": ("{0}[在|位于|处于]{1}[上面还是下面|的上层还是下层|上方还是下方|的上面还是下面]", "[Is|Does] [the |]{0} [stand higher or lower than|over or under|above or below|on a higher or lower shelf than] [the |]{1}"
            ";[Above or below|Over or under|Higher or lower than] [the |]{1}: {0};Does [the |]{0} [stand over or under|come above or below|sit above or below] [the |]{1}"),
        "colour": (_COLOUR[0].replace("{}", "{}[|的包装|的盒子]"), "[What|Which] [colour|color] [is|has] [the package of |the box of |the |]{};What is the [colour|color|hue] of {};[Tell me|Say|Name] the [colour|color] of {};[colour|color] of {};What's the package [colour|color] of {}"
            ";In [what|which] [colour|color] is [the package of |the box of |the wrapper of |]{} [shown|printed|kept|painted];How is [the package of |the box of |]{} [coloured|colored|painted];[What|Which] [colour|color|shade] [does the box of|does the package of|does the wrapper of] {} have"),
        "count": ("[商品|货品|东西|产品][有几个|有几样|几种|的数量|有多少|一共几个|总共几样];[货架|架子|图中|]上[有|摆了|放了][几|多少][样|个|种][商品|东西|货]"
            ";[请问|看一下][货架上|架子上][摆了几样商品|有多少种东西|有几件商品]", "[How many|What number of|Number of] [products|goods|items|packages|things][| are there| do you see| are on the shelf| are on display| stand there]"
            ";How many [products|goods|items|packages|articles|things] [does the shelf hold|does the rack have|stand on the shelf|are for sale|were put there|can be seen|are lined up|does the shelf carry|do you count];[Could you|Can you|Please] count the [products|goods|items|packages|articles]"),
        "boards": ("[货架|架子][有|是|分][几|多少]层;[几|多少]层[货架|架子|隔板];层数[是多少|]"
            ";[请问|看一下][货架|架子][有几层|分几层|一共多少层]", "[How many|What number of|Number of] [boards|levels|shelves|rows|tiers][| are there| do you see| has it| does it have]"
            ";How many [boards|levels|shelves|rows|tiers|layers|floors] [does the rack have|does the stand have|does the unit have|make up the rack|can be seen|were built in|do you count|hold goods];[Could you|Can you|Please] count the [boards|levels|shelves|rows|tiers]"),
        "which": ("[什么|哪个|哪种|哪样][商品|东西|货|产品][卖|是|标价|要|售价]{};{}[是|买的是][什么|哪个]的[价格|价钱];[价格|标价|售价][为|是]{}的[是什么|是哪个|商品]"
            ";[请问|看一下][卖|标价|价格是]{}的是[哪个商品|什么东西|哪种货]", "[Which|What] [product|item|article|thing] [is|has the price|sells for|goes for|is priced at|is marked] {};[What|Which one] [can I buy|do I get|costs|goes] for {};{} is the price of what"
            ";[Which|What] [product|item|article|thing|ware|package] [has the tag|carries the tag|bears the price|can be bought for|can I get for|comes at|is on sale for|is offered at|is labelled|does one get for|is tagged] {};To [which|what] [product|item|article] does the [price|tag|label] {} belong;For what [product|item|article] do they [ask|charge|want] {}"),
        "where_object": ("{}[的包装|的盒子|][在哪|在什么地方|的位置|的坐标|的边框];[框选|圈出|标出|标注|指出|画出|找到]{}[的包装|的盒子|];[给出|输出|返回]{}[的包装|]的[坐标|位置|边框]", "[Where's|Where do you see|Point out|Outline|Frame|Locate|Detect|Show] [the package of |the box of |]{};[Give|Output|Tell me] the [box|bounding box|place|position] of [the package of |]{}"),
        "describe": ("[描述|说明|介绍|概括|讲讲][一下|][图片|照片|画面|货架|架子];[图里|照片里|画面中|架子上][有什么|摆了什么|都有什么]", "[Describe|Explain|Summarise|Outline] [the picture|the photo|the shelf|what you see];[What do you see|What is shown|What goods are there|Tell me about the picture]"),
    },
    "shapes": {
        "count": ("{}[有几个|几个|的数量|有多少|一共几个|共几个|有多少个|的个数|总共多少];[图中|图里|画面里|一共|总共|][有|画了|出现了][几个|多少个|多少]{};[数|数数|数一下|统计|清点]{}[|的数量|有几个]"
            ";[请问|看一下][图里|图中]有[几个|多少个]{}", "[How many|What number of|Number of|Count|Count all|Count up the|Tell me the number of] {}[| are there| can be seen| are in the picture| are shown| do we have| exist here]"
            ";How many {} [does the picture show|does the image have|do you see|do you count|were drawn|can one count|appear|are visible|can be found|can you find|does it contain];[Could you|Can you|Please] [count|count up] the {}"),
        "count_all": ("[图形|形状|东西|物体][有几个|几个|的数量|有多少|一共几个|总数|的个数|共多少个];[图中|图里|画面里|一共|总共|][有|画了][几个|多少个|多少][图形|形状|东西|物体];[数|数数|数一下|统计][图形|形状|物体]", "[How many|What number of|Number of|Count all|Count up the|Tell me the number of] [shapes|objects|things|figures|items][| are there| can be seen| are in the picture| are shown| in total]"
            ";How many [shapes|objects|figures|things|forms|items] [does the picture show|does the image have|do you see|do you count|were drawn|can one count|appear|are visible|can be found|does it contain|are there altogether];[Could you|Can you|Please] count [all the|the] [shapes|objects|figures|things|forms]"),
        "colour": _COLOUR,
        "shape": ("{}[的|的东西|的图形|的物体][是什么形状|是啥形状|什么形状|的形状|是什么图形|是圆的还是方的|是哪种形状|是啥图形];[看看|说说|告诉我]{}[的图形|物体|的东西]的形状;[什么|哪种][形状|图形]是{}[的|]", "[What|Which] [shape|form|figure] [is|has] the {} [object|thing|one|figure|item];[Tell me|Name|Say] the [shape|form] of the {} [object|thing|one|figure];[shape|form] of the {} [object|thing|one];The {} [object|thing|one] is [what|which] shape;What is {} [here|in the picture]"
            ";What [shape|form|figure] [does the {} thing have|does the {} object have|has the {} one|was the {} object given];How is the {} [object|thing|one|item] shaped;[Could you|Can you|Please] [tell me|name|say] the [shape|form|outline] of the {} [object|thing|one|figure]"),
        "side": ("{0}[在|位于|处于]{1}[的左边还是右边|左边还是右边|的左侧还是右侧|的哪一边，左边还是右边|左面还是右面];{0}和{1}比，{0}在[左边还是右边|左还是右]", "[Does|Is] the {0} [lie left or right of|stand left or right of|left or right of|more to the left or to the right than] the {1};[Left or right|Which side] of the {1}: the {0};Where is the {0} [relative to|compared with|seen from] the {1}, left or right"),
        "height": ("{0}[在|位于|处于]{1}[的上方还是下方|上面还是下面|的上面还是下面|的哪边，上方还是下方];{0}和{1}比，{0}在[上方还是下方|上面还是下面|上还是下]", "[Does|Is] the {0} [lie above or below|stand above or below|over or under|higher or lower than|above or below] the {1};[Above or below|Over or under] the {1}: the {0};Where is the {0} [relative to|compared with|seen from] the {1}, above or below"),
        "present": ("[有|是不是有|是否存在|存在|看得到|看得见|找得到|出现了|画了][一个|]{}[吗|没有|];[图中|图里|画面里|这里]有[一个|]{}[吗|没有|么];[检查|看看]有没有{}", "[Is there|Do you see|Can one see|Is there any|Do we have|Can you find|Does it contain|Does the image have|Is it true that there is] a {}[| here| in it| anywhere| in the picture];[Check|See|Tell me] [whether|if] there is a {};[any|a] {} [here|there]"
            ";Does [the picture|the image|the drawing|the scene] [show|have|include|feature|contain|depict] a {};[Could you|Can you|Please] [check|say|tell me] [whether|if] [there is a|you see a|it has a|one sees a] {};Is a {} [drawn|shown|visible|present|to be seen|to be found|in it|anywhere]"),
        "where": _WHERE_OBJECT,
        "describe": ("[描述|说明|介绍|概括|讲讲|说说][一下|][图片|照片|画面|这张图|图中内容];[图里|照片里|画面中|这里][有什么|有哪些图形|都有什么|画了什么]", "[Describe|Explain|Summarise|Outline|Tell me about] [the picture|the photo|the image|what you see|it];[What do we see|What is shown|What shapes are there|What can be seen|List what is there]"),
    },
}  # fmt: skip


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";"))


def patterns(family: str, kind: str, language: Language) -> tuple[str, ...]:
    """Patterns for a kind of question of a family, else of every family, else of the field of that name."""
    found = _TABLE[family].get(kind) or _TABLE["common"].get(kind)
    return _split(found[0 if language == "zh" else 1]) if found else FIELD_PATTERNS[language].get(kind, ())
