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
    "{}[多少钱|是多少钱|的价格|的价钱是多少|卖多少|怎么卖|什么价格|要多少钱|标价多少|单价多少|售价是多少|花了多少|的金额|值多少|收多少钱];[看看|查一下|告诉我|找一下]{}[的价格|的价钱|多少钱|的售价];[买|买一个|一份]{}[要|得]多少[钱|]",
    "[How much is|How much are|What is the price of|Price of|What's the cost of|Tell me the price of|What do they ask for|How expensive is|What is paid for] [the |]{};[How much does|What does] [the |]{} [cost|sell for|go for];{}[ price|: how much| cost]",
)
_QUANTITY = (
    "{}[买了几个|有几件|的数量|数量是几|几份|多少个|点了几份|要了几个|有多少|的个数|件数是多少|买了多少];[买了|要了|点了|选了][几个|几件|多少|几份]{}",
    "[How many|How many pieces of|How many units of|What quantity of|What number of] {}[| were ordered| are there| are listed| did they take| are bought];[Quantity of|Number of|Count of|Tell me the quantity of|What is the number of] {}",
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
        "amount": ("{}[这项|这一项|那一行|一栏|总共|合计|][多少钱|的金额|金额是多少|花了多少|的总价|算多少钱|共多少元|的钱数];[看看|查一下|告诉我]{}的[金额|小计|总价]", "[What|How much] [is the total for|is the sum for|is charged for|was paid for|do we pay for|is the line total of|is the amount of] [the |]{};[amount|total|sum|line total] [for|of] {};[How much do|What do] the {} [cost|come to|add up to]"),
        "quantity": _QUANTITY,
        "number": ("[编号|单号|号码|单据号|发票号|凭证号|合同号|票号|No.][|是多少|是什么|多少|是几|写的什么];[单据|发票|合同|收据|文件|这张单]的[编号|号码|单号|号][|是多少|是什么|是几];[第几号|几号][单据|合同|发票]", "[What is|Which is|Tell me|Read] [the |][document no.|invoice number|contract number|receipt number|reference|reference number|serial number|doc number|ID number];[number|document number|No.|ID][| please| of the paper];What number [is it|is given|is printed|has the invoice|has the contract|has the receipt]"),
        "clause": ("[条款|第]{}[条|款][|的内容|讲什么|说了什么|规定了什么|内容是什么|写了啥];[请读|读出|念|抄录|看看|摘出][条款|第]{}[条|款]", "[What does|What is in|What says] [clause|article|paragraph|section|item|term] {}[| state| require];[Read|Quote|Copy|Show|Give me|Tell me] [clause|article|section|paragraph] {}"),
        "signature": ("“{}”[签了吗|签名了没|签没签|有签名吗|有没有签名|有没有签字|签字了没有|是空的吗|空着吗|已经签了吗|处是否有签名];[看看|检查]“{}”[有没有签|签没签|是否签署];[有人|谁]在“{}”[签名|签字|签][了|]吗", 'Is ["{}"|the line "{}"|the field "{}"] [signed|empty|blank|filled in|still open|unsigned];Is there [a signature|a name|a handwritten name] [at|by|after|on] "{}";[Has|Did] [someone|anyone|the person] sign[ed|] [at|on] "{}";[Check|See] if "{}" is signed'),
        "sign_date": ("“{}”[旁|后面|右边|那里][的|][日期|签字日期][是空的吗|空着吗|写了吗|填没填|有没有填|填写了吗|有吗];[有没有|是否]在“{}”[旁边|后面]写日期", 'Is [the date|a date] [by|beside|next to|after|at] "{}" [there|written|given|missing|blank|empty|filled in];[Did|Has] [anyone|someone] [write|fill in|filled in] the date [at|next to|beside] "{}"'),
        "stamp": ("[有|有没有|是否有|看得到|能看到][章|印章|公章|红色印章|盖章|圆章][吗|];[盖没盖章|盖过章吗|是否盖章|章盖了没|有印吗|有没有盖公章|纸上有章吗]", "[Is|Can you see|Do you see|Does it have] [there |][a |a red |any ][stamp|seal|company stamp|round stamp];[Was it|Is it|Has the paper been] [stamped|sealed];[Any|Is there any] [stamp|seal] [on it|here|on the paper]"),
        "caption": ("[印章|章|红章|公章|印][里|上|中间|中|内][的|][字|文字|写了什么|是什么字|写的什么|刻着什么];[是|盖的|][什么|哪种]章;[读|认][出|一下][印章|章上]的[字|文字]", "[What|Which word|Which words|What text] [is|are|stands] [in|on|inside] the [stamp|seal|red stamp];[Read|Tell me] the [stamp|seal|text of the stamp|word in the stamp];What [kind of|] [stamp|seal] is it"),
        "diameter": ("[纸是A4|这张纸是A4的|按A4纸算|A4纸上][，|]印章[有多大|直径多少厘米|多宽|宽几厘米|是多少厘米]", "[On A4|On this A4 sheet|The paper is A4|With the A4 page as scale][,|:] [how wide|how big|how large|how many cm] is the [stamp|seal]"),
        "kind": ("[这是|这张是|图中是|它是|这份是][什么|哪类|哪种|啥][单子|票据|文书|文档|凭证|纸|文件];[是|这是]发票还是[收据|合同];[单据|文件|文档|票据]的[类型|种类|类别]", "[What|Which] [type|kind|sort] of [paper|document|form|file|record] is [it|this|shown];[Is it|Is this|Do we see] an invoice[,| or] a receipt or a contract;[document type|kind of paper|type of document];What [document|paper] is this"),
        "title": ("[标题|大标题|题目|名称|抬头|表头][是啥|写了什么|叫什么|写的是什么|的文字|的内容|];[读|念][出|一下][标题|抬头|最上面的大字];[最上面|开头|顶部]的[大字|标题|文字]", "[Read|Give|Tell me|State] the [title|heading|headline|header];[What|Which words] [stands|is|are] [at the top|in the heading|on top|in large letters];[title|heading|headline] [of the page|please|]"),
    },
    "homework": {
        "step": ("{}[第{}步|的第{}步|步骤{}|第{}个步骤][是啥|写了什么|写的啥|的内容|的算式|怎么算的|怎么写|是怎样的|的式子];[看看|读出|抄下|写出|告诉我|给出]{}第{}步[的内容|写的|]", "[What is|What's|What was|Show me|Give me|Tell me|Copy] [step|line|stage] {1}{0};[How does|What reads] step {1}{0}[| go| read];[The|] [content|text|writing] of step {1}{0}"),
        "formula": ("[用|以|请用]LaTeX[写出|表示|给出|转写]{}第{}步;{}第{}步的LaTeX[|是什么|怎么写|代码]", "[LaTeX of|LaTeX code for|The LaTeX for] step {1}{0};[Convert|Turn|Put] step {1}{0} [to|into] LaTeX;How is step {1}{0} written in LaTeX"),
        "final": ("{}[的|]答案[是|是多少|是几|是什么|];{}[结果|最后结果|最终结果|最后答案|计算结果][是多少|是几|是什么|等于几|];{}[做出来|求出来|最后][是|等于]多少;{}[最后|最终]得到[什么|多少|几]", "[What is|What's|Tell me|Give] the [result|answer|final result|last result|solution|outcome]{};[What does|What did] [the student|it|the pupil|the work] [get|end up with|find|come to|obtain]{};[final answer|result|answer]{}"),
        "crosses": ("[红叉|叉|打叉|错号|×][有几个|几个|的数量|有多少|一共几个|共多少个];[一共|总共|][有|打了|画了][几个|多少个|多少][叉|红叉|错号];[数|数数|统计][红叉|叉]", "[How many|What number of|Count the|Number of] [crosses|red crosses|wrong marks|red x marks][| are there| can you see| were made| on the sheet]"),
        "ticks": ("[红勾|勾|打勾|对号|✓][有几个|几个|的数量|有多少|一共几个|共多少个];[一共|总共|][有|打了|画了][几个|多少个|多少][勾|红勾|对号|对勾];[数|数数|统计][红勾|勾|对勾]", "[How many|What number of|Count the|Number of] [ticks|red ticks|check marks|correct marks|tick marks][| are there| can you see| were made| on the sheet]"),
        "marked_wrong": ("{}[错在|错的是|打叉的是|红叉在|老师打叉的是]第几步;{}[哪|哪个|第几]步[是错的|不对|有错|打了叉|旁有红叉|出错了];{}[找出|指出][错的|打叉的|错误的]步骤", "[Which|What] step[ number|]{} [is wrong|has a cross|has the red cross|is crossed|got a cross|contains the mistake|was marked wrong];[Where is the mistake|Where is the cross|The wrong step]{}"),
        "score": ("[得分|分数|成绩|总分|打分|几分|得了几分|多少分|评分][|是|是多少|多少];[老师|卷子|这张][给|打|得|批]了[几|多少]分", "[What|Which] [score|mark|grade|points] [is given|did they get|is it|was given|is at the top];[score|grade|mark|points][| please];How [many points|well did the student do|high is the score]"),
        "task": ("{}[题目|题干|原题|问题|要求][是|写的|][什么|啥|];{}[让|要|要求][学生|]做[什么|啥];[看看|读|抄|写出]{}[题目|题干|原题];{}[考的|问的]是什么", "[What is|What's|Show|Give|Tell me] the [exercise|problem|question|task|assignment]{};[What should|What must] [the student|one|they] [do|solve|work out]{};[problem|exercise|task]{}"),
        "name": ("[姓名|名字|学生姓名|学生|作者][|是什么|是谁|叫什么];[谁|哪个学生|哪位同学][的|做的|写的][作业|卷子|]", "[What name|Which student|Whose name|Which name] [is it|is written|is given|stands there|did this];[student's name|name|pupil];Who [did|is the student|made] [this|it|the homework]"),
        "class": ("[班级|班|年级][|是什么|是哪个|是几|写的什么];[是|在|来自][哪个|几|哪]班[的|]", "[Which|What] [class|form|grade] [is given|is this|are they in|is written|does the student attend];[class|form|grade][| please]"),
        "date": ("[日期|时间|写作业的日期][|是几号|是哪天|是多少|写的什么];[几月几号|什么时候|哪一天|几号][写|做|交|]的", "[What|Which] [date|day] [is it|is given|is written|was it];[date|day][| please];When was it [done|made|dated|handed in]"),
        "teacher": ("[老师|教师|批改老师][是谁|姓什么|的名字|姓名|叫啥];[谁|哪位老师][改的|批的|打的分]", "[Who|Which teacher] [is the teacher|marked it|checked it|corrected this|gave the mark];[teacher|teacher's name|name of the teacher]"),
    },
    "cartons": {
        "where_object": ("[框选|圈出|标出|标注|指出|画出|找到][破损|破损处|损坏的地方|破口][|位置];[破损|破损处|破口|损坏处]的[坐标|位置|边框];[给出|输出|返回][破损|破损处]的[坐标|位置|方框]", "[Where's|Point out|Outline|Frame|Find|Detect|Show] the [damage|tear or dent|damaged spot|damaged part];[Give|Return|Output] the [bounding box|coordinates|position] of the [damage|damaged part];[coordinates|position|bbox] of the damage"),
        "damaged": ("[箱子|纸箱|包装|外箱|盒子|包裹|它|这个箱子][坏了吗|有问题吗|破没破|有没有坏|有没有破|损坏了吗|有没有损坏|是好的吗|是坏的吗|破损了没有|有破的地方吗];[有没有|有|是否有][破损|损坏|破洞|问题|破的地方][吗|]", "[Is|Was] [it|the box|the carton|the package|the parcel] [damaged|broken|intact|in good condition|unharmed|okay|torn or dented];[Is there|Do you see|Any|Can you see] [damage|any damage|a defect|something broken][| on the box| on it];Does the [box|carton|package] [have|show] damage"),
        "damage_kind": ("[是|属于|][什么|哪种|哪类|啥][破损|损坏|损伤|问题];[破损|损坏|问题]的[类型|种类|样子|形式][是什么|];[箱子|纸箱|包装][哪里不对|出了什么问题|坏成什么样|是撕了还是瘪了|是撕裂还是凹陷]", "[What|Which] [type|kind|sort] of [damage|defect|harm] [is there|does it have|is shown|is visible];[What's|What is] [wrong|the damage|the matter|the problem|broken] [with it|with the box|here];Is [it|the box|the carton] torn or dented"),
        "damage_place": ("[破损|损坏|破的地方|坏的地方|问题|破口][在哪|在哪里|在箱子哪里|在什么地方|位于哪里|在哪一块|在哪个位置|在哪个角];[箱子|纸箱|包装|外箱][哪里坏了|哪儿破了|哪里有问题|哪个位置破了|哪块破了]", "[Where|At what place|In which corner|In which part|On which side] [is the damage|is it damaged|is it broken|is the defect|is the box damaged|is the hole];[damage position|place of the damage|where is it broken]"),
        "damage_share": ("[破损|损坏|破口|破损处][占|有][箱子|纸箱|箱面|箱宽]的[百分之几|百分之多少|多少百分比|几成]", "[What percent|How many percent|What percentage] of the [box|carton|width] [is the damage|does the damage take|is broken]"),
        "damage_cm": ("[用|按|照|根据]A4纸[算|量|比|来看]，[破损|破口|破损处][多宽|宽多少厘米|有几厘米|多少厘米]", "[With|Using|By] the A4 [sheet|paper|page], how [wide|many cm wide|broad] is the damage"),
        "carton_cm": ("[用|按|照|根据]A4纸[算|量|比|来看]，[箱子|纸箱][多宽|宽多少厘米|有几厘米宽|多少厘米]", "[With|Using|By] the A4 [sheet|paper|page], how [wide|many cm wide|broad] is the [box|carton]"),
        "lining": ("[内衬|里衬|气泡膜|填充物|里面的衬垫|缓冲材料][看得到吗|露出来没有|可见吗|有没有露出|能看见吗|露没露];[能|是否能|能不能]看[到|见][里面|内衬|里面的内衬|填充物][吗|]", "[Is|Can you see|Do we see] the [lining|inner lining|inside|padding|bubble wrap][| visible| exposed| showing];Does [the lining|the inside|any padding] [show|stick out|appear]"),
        "mark": ("[箱子|纸箱|包装|外箱|]上[有|印着|写着|印了|贴着|标着]“{}”[吗|标志吗|字样吗|标识吗|];[看得到|有没有|是否有|找得到]“{}”[吗|标识|标志|]", 'Is [there |][a |the |][mark |sign |words |]"{}" [on the box|on it|there|visible|shown];[Does it|Does the package|Does the carton] [say|show|bear|have] "{}";[Do you see|Can you find] "{}" on the [box|carton]'),
        "missing": ("[缺不缺|缺少|少了|没有|漏了]“{}”[吗|标识吗|标志吗|];“{}”[标识|标志|][是否缺失|是不是没有|没有吗|没印吗|缺少了吗]", 'Is "{}" [missing|absent|lacking|not there];[Does it|Does the box|Does the carton] [lack|miss] [the mark |]"{}";[Has|Was] "{}" [been forgotten|not printed]'),
        "marks": ("[箱子|纸箱|包装|外箱]上[的|][标识|标志|字|文字|标记|写着什么|写了什么|印的什么|是什么字];[有|有哪些|印了哪些|写了哪些][标识|标志|字|标记];[读|认][出|一下][箱子|纸箱]上的[字|标识]", "[What|Which] [marks|signs|words|text|labels|symbols] [are there|are on it|are printed|do you see|does the box have|does it carry];[What|] [does the box say|does the carton say|is written on the box|is written on it];[Read|List] the [marks|words|signs] on the [box|carton]"),
        "describe": ("[描述|说明|介绍|概括|讲讲|说说][一下|][图片|照片|画面|箱子|这个包裹|情况];[图里|照片里|画面中][有什么|是什么|的情况]", "[Describe|Explain|Summarise|Outline] [the picture|the photo|the box|what you see|the damage];[What do you see|What is shown|What does the photo show|Tell me about the picture]"),
        "receiver": ("[收件|收货|收]的人[叫什么|是谁|姓名];[谁|哪位]的[快递|箱子|包裹]", "[Who|Which person] [gets it|is it for|receives the box|is the receiver]"),
        "weight": ("[多重|有多重|重多少|几公斤|多少斤|重量|毛重][|是多少]", "[How heavy|What weight] is [it|the box|the carton];[weight|weight of the box]"),
    },
    "charts": {
        "value": ("{0}{1}[的|][数值|值|数据|数量|数字][|是多少|是几|为多少];{0}{1}[是|有|等于|达到了][多少|几];[看看|查|读出|告诉我]{0}{1}的[值|数值|数据]", "[What is|What's|Tell me|Give|Read|Find] the [value|number|figure|amount] [of|for|at] {1}{0};[How many|How much|What value] [has|is|does] {1}{0}[| have| reach];{1}{0}"),
        "cell": ("{0}{1}[的|在]{2}[数值|的数据|一列|那一栏|列][是多少|是几|];[查|看看|读出]{0}{1}[的|对应的]{2};{0}[表里|]{1}行{2}列", "[What is|Read|Find|Give] the {2} [of|for] {1}{0};[What does|How much does] {1} have [in|under|for] {2}{0};{1}, {2}{0};[cell|entry|number] [at|for] {1} and {2}{0}"),
        "largest": ("{}[数值最大|值最高|最大值|最高值|最多|占比最大|数量最多][的是谁|的是哪个|是哪个|是什么|是哪一项|];{}[谁|什么|哪个][最多|最高|最大|领先]", "[Which|What|Who] [has the largest value|has the biggest share|is biggest|is greatest|is at the maximum|is the top one|has the most|leads]{};[maximum|largest item|highest value|the biggest]{}"),
        "smallest": ("{}[数值最小|值最低|最小值|最低值|最少|占比最小|数量最少][的是谁|的是哪个|是哪个|是什么|是哪一项|];{}[谁|什么|哪个][最少|最低|最小]", "[Which|What|Who] [has the smallest value|has the least|is lowest|is least|is at the minimum|is the bottom one|has the fewest|has the smallest share]{};[minimum|smallest item|lowest value|the least]{}"),
        "trend": ("{}[趋势|变化|走势|走向|变化趋势][|如何|怎样|是什么|是怎样的];{}[是|在]上升、下降还是平稳;{}[数据|折线|曲线][涨了还是跌了|怎么走|如何变化]", "[What|Which] [trend|direction|tendency] [is shown|does it have|is there]{};[Does it|Do the values|Does the line] [rise, fall or stay flat|go up, down or stay flat]{};[trend|tendency]{}: up, down or flat"),
        "chart_title": ("[标题|图名|名称|图表名|图表标题|题目][叫什么|是啥|写了什么|];[这张|这个|]图[叫什么|的标题|的题目|讲的是什么|是关于什么的];[读|念][出|一下]图[表|]的[标题|名称]", "[Read|Give|Tell me|State] the [title|heading|name] [of the chart|of the graph|];[What is|What's] the [graph|diagram|plot|table] [called|about|titled];[title|heading|chart title][| please]"),
        "axis": ("{}[纵轴|坐标轴|数值轴|Y轴|轴][是什么|表示什么|代表什么|的名称|的含义|标题|标的是什么];{}[衡量|统计|显示]的[是什么|指标]", "[What is|What's|Which quantity is|What stands] [on|at|along] the [axis|value axis|vertical axis]{};[What does|What is] the axis [show|stand for|called|measuring]{};[axis title|axis label|name of the axis]{};What is measured{}"),
        "unit": ("{}[单位|计量单位|数据单位][|是啥|是什么|写的什么];{}[以|用|按]什么[单位|为单位|做单位]", "[What|Which] [unit|units] [is it|are given|are shown|is given|do the numbers have]{};[unit|units|unit of the values]{};[In|By] which units{}"),
        "charts": ("[图表|图|统计图][的数量|有几个|几个|有多少|一共几张|共几幅];[数|数数|统计][一下|]图[表|]", "[How many|What number of|Number of|Count] [charts|charts and tables|graphs|diagrams|plots][| are there| can you see| are shown]"),
        "chart_kind": ("“{}”[是|属于|用的是][柱状图、折线图、饼图还是表格|什么类型|什么样的图|哪类图表|何种图];“{}”的[图表|][类型|种类|形式]", '[What|Which] [sort|type|form] of [chart|graph|diagram|figure] is "{}";Is "{}" a bar chart, a line chart, a pie chart or a table;[Chart type|Kind|Type] of "{}"'),
        "relation": ("“{0}”在“{1}”的[哪边|左边还是右边|哪个方向|哪一侧|哪里];[图|图表|]“{0}”[和|相对于|与]“{1}”[的位置关系|在哪边|，在什么方向]", '[Where is|On which side is|In what direction is] "{0}" [of|from|relative to|as seen from] "{1}";[Is "{0}"|Does "{0}" lie] [to the left, to the right, above or below|left, right, above or below] [of |]"{1}"'),
        "colour": ("{0}{1}[的颜色|是什么色|什么颜色|是哪个颜色|用什么颜色];{0}[哪种颜色|什么颜色][代表|表示|是]{1}", "[What|Which] [colour|color] [is|has|marks|represents|is used for] {1}{0};[colour|color] of {1}{0};[Tell me|Name] the [colour|color] of {1}{0}"),
        "difference": ("{0}{1}[与|和|跟|比]{2}[差多少|相差多少|的差|差几|的差距|多出多少|之差是多少]", "[By how many|How many more|How much larger|How much higher] is {1} [than|compared with] {2}{0};[Difference|Gap] between {1} and {2}{0};[Subtract|Take] {2} from {1}{0}"),
    },
    "screens": {
        "fee": ("[运费|邮费|配送费|快递费|送货费|物流费][|是多少|多少|多少钱|几块|要多少|怎么算|收多少];[送货|配送|快递|寄][要|需要|收][多少钱|多少|几块|钱吗]", "[What|How much] [is the shipping|is delivery|is the delivery charge|does shipping cost|is the postage|are the shipping costs|is charged for delivery|is the freight];[shipping fee|delivery fee|shipping cost|postage|delivery cost][| please]"),
        "to_pay": ("[实付|应付|需付|合计|总计|总额|总价|付款金额|订单金额][|是多少|多少|多少钱];[要|需要|得|该|总共要|一共要|最终要][付|支付|交|给|花][多少|多少钱|几块];[一共|总共|这单][多少钱|花多少]", "[What|How much] [is the total|do I have to pay|is the order total|is the amount due|is due|is payable|is the sum|does everything cost|is it in total];[total|order total|grand total|amount due|total to pay][| please]"),
        "threshold": ("[包邮|免运费|免邮|免配送费][条件|门槛|金额|的条件|起点][|是什么|是多少];[多少钱|多少元|满多少|买多少|消费满多少][以上|起|][包邮|免运费|免邮|不收运费]", "[What|How much] [must I spend|is needed|order value|minimum] [for|to get] free [shipping|delivery];[free shipping|free delivery] [threshold|limit|from what amount|starts at what|minimum];[When|From how much] [is shipping free|do they ship free|is there no shipping fee]"),
        "remaining": ("[还要|还需|还得|再|还差][买|花|消费|凑|加][多少|多少钱|几块][才|就|才能|]包邮;[差|缺|还差|还缺][多少|几块|多少钱|多少元][免运费|包邮|到包邮|可以免运费]", "[How much|What amount|What sum] [more do I need|is left|more to buy|should I add|else to spend] [for|to get|until] free [shipping|delivery];[amount|money] [left|missing] [until|to|for] free [shipping|delivery]"),
        "free": ("[免不免运费|是否包邮|包不包邮|有没有包邮|运费免了吗|是免运费吗|要付运费吗|够包邮了吗|满足包邮了吗];[这单|订单|现在]是[包邮|免运费]的吗", "[Is shipping|Is delivery|Do they ship] [free|for free|free of charge][| here| now];[Do I|Does one] [get|have] free [shipping|delivery];[Have I|Has the order] [reached|met] the free [shipping|delivery] [limit|threshold]"),
        "panel": ("“{}”[属于|在|放在|位于|出现在][哪个|什么|哪一个][板块|区域|栏|部分|模块|分区|卡片];[哪个|什么][区域|部分|栏|模块][有|包含|写着|显示]“{}”", '[Which|What] [box|block|area|card|section] [contains|includes|lists|shows] "{}";[Where|In what section|In what area|In which block] [is|do I find|stands] "{}";[section|panel|area] of "{}"'),
        "small_print": ("[优惠券|券|优惠][条件|规则|说明|限制|要求|的使用规则][|是什么|有哪些|怎么写的];[满多少|怎样|如何|怎么][可以|能|才能|]用[券|优惠券];[读|看]一下优惠券的[条件|说明|规则|小字]", "[What is|What are|Read|Tell me] the [coupon terms|coupon condition|conditions of the coupon|coupon rule|fine print of the coupon|limits of the coupon];[How|From what amount|On what condition] [can I use|does one use|is] the coupon[| valid| used];[coupon|coupon terms|coupon conditions]"),
        "price": _PRICE,
        "quantity": _QUANTITY,
        "kinds": ("[商品|货品|东西][有几种|几种|种类数|有多少种|共几样|的种类];[一共|总共|][几|多少][样|种]商品;[数|数数][商品|有几样商品]", "[How many|What number of|Number of|Count] [items|products|kinds of items|lines|articles][| are there| are listed| do they buy| are in the order]"),
        "relation": ("“{0}”[和|与|跟]“{1}”[比|相比]在[上面还是下面|上方还是下方];“{0}”在“{1}”[上面还是下面|上方还是下方];“{0}”是[不是在|在]“{1}”的[上方|上面]还是[下方|下面]", '[Is|Does] ["{0}"|the block "{0}"] [stand above or below|above or below|higher or lower than|over or under] "{1}";[Above or below|Over or under] "{1}": "{0}"'),
        "button": ("[按钮|按键|底部按钮|下方按钮][写的什么|上的字|的文字|文字是什么|叫什么|写了啥|显示什么];[点|要点|可以点]的[按钮|]是什么;[读|认][出|一下]按钮", "[What is|Read|Tell me|Which is] the [button|button's text|label of the button|button label|text on the button];[What|Which words] [is|are] on the [button|big button];[button|button text]"),
        "colour": ("按钮[什么颜色|啥颜色|的颜色|是哪种颜色|颜色是什么|是什么色];[看看|说说]按钮的颜色", "[What|Which] [colour|color] [is|has] the [button|big button];[colour|color] of the button;What is the button's [colour|color];Tell me the [colour|color] of the button"),
    },
    "shelves": {
        "price": _PRICE,
        "unit": ("{}[按|论|以][什么|啥|哪个单位][卖|计价|算钱|出售];{}[的单位|单位|计量单位|价格的单位][|是什么|是啥];{}[一|每][个什么|什么]多少钱", "[What|Which] [unit|measure] [is used for|has|goes with] [the price of |]{};[Unit|Price unit|Sales unit] of {};{} is [sold|priced|counted] [by|per] what"),
        "best_before": ("{}[保质期|有效期|到期日|过期日|保质期至|截止日期][|是哪天|到几号|是什么时候|是多少|到何时];{}[什么时候|哪天|几号|何时][到期|过期|失效|坏]", "[When is|What is|Tell me|Read] the [expiry date|best before date|use-by date|expiration|best before] of {};[How long|Until what day|Until when|Till when] [is|does] {}[| keep| last| valid| fresh];{} [expiry|best before|expires when]"),
        "print_language": ("{}[的|]包装[用的|是|写的|][什么语|哪种语|什么语言|哪国语言|什么文|哪国文字];{}[上面|盒子上][写的|印的]是[什么语言|哪国话|什么文字]", "[What|Which] language [has|is used on|is printed on|do you see on|does one read on] [the package of |the box of |]{};[Language|Print language] of [the package of |]{};[Is|In which language is] the [print|text|slogan] [on|of] {}"),
        "relation": ("{0}[在|位于|处于|是在]{1}[左边还是右边|的左侧还是右侧|的左面还是右面|的哪一边|左侧还是右侧];{0}和{1}[谁|哪个]在左，{0}在左边还是右边", "[Is|Does] [the |]{0} [stand left or right of|to the left or right of|left or right from|on the left or on the right of] [the |]{1}"),
        "height": ("{0}[在|位于|处于]{1}[上面还是下面|的上层还是下层|上方还是下方|的上面还是下面]", "[Is|Does] [the |]{0} [stand higher or lower than|over or under|above or below|on a higher or lower shelf than] [the |]{1}"),
        "colour": (_COLOUR[0].replace("{}", "{}[|的包装|的盒子]"), "[What|Which] [colour|color] [is|has] [the package of |the box of |the |]{};What is the [colour|color|hue] of {};[Tell me|Say|Name] the [colour|color] of {};[colour|color] of {};What's the package [colour|color] of {}"),
        "count": ("[商品|货品|东西|产品][有几个|有几样|几种|的数量|有多少|一共几个|总共几样];[货架|架子|图中|]上[有|摆了|放了][几|多少][样|个|种][商品|东西|货]", "[How many|What number of|Number of] [products|goods|items|packages|things][| are there| do you see| are on the shelf| are on display| stand there]"),
        "boards": ("[货架|架子][有|是|分][几|多少]层;[几|多少]层[货架|架子|隔板];层数[是多少|]", "[How many|What number of|Number of] [boards|levels|shelves|rows|tiers][| are there| do you see| has it| does it have]"),
        "which": ("[什么|哪个|哪种|哪样][商品|东西|货|产品][卖|是|标价|要|售价]{};{}[是|买的是][什么|哪个]的[价格|价钱];[价格|标价|售价][为|是]{}的[是什么|是哪个|商品]", "[Which|What] [product|item|article|thing] [is|has the price|sells for|goes for|is priced at|is marked] {};[What|Which one] [can I buy|do I get|costs|goes] for {};{} is the price of what"),
        "where_object": ("{}[的包装|的盒子|][在哪|在什么地方|的位置|的坐标|的边框];[框选|圈出|标出|标注|指出|画出|找到]{}[的包装|的盒子|];[给出|输出|返回]{}[的包装|]的[坐标|位置|边框]", "[Where's|Where do you see|Point out|Outline|Frame|Locate|Detect|Show] [the package of |the box of |]{};[Give|Output|Tell me] the [box|bounding box|place|position] of [the package of |]{}"),
        "describe": ("[描述|说明|介绍|概括|讲讲][一下|][图片|照片|画面|货架|架子];[图里|照片里|画面中|架子上][有什么|摆了什么|都有什么]", "[Describe|Explain|Summarise|Outline] [the picture|the photo|the shelf|what you see];[What do you see|What is shown|What goods are there|Tell me about the picture]"),
    },
    "shapes": {
        "count": ("{}[有几个|几个|的数量|有多少|一共几个|共几个|有多少个|的个数|总共多少];[图中|图里|画面里|一共|总共|][有|画了|出现了][几个|多少个|多少]{};[数|数数|数一下|统计|清点]{}[|的数量|有几个]", "[How many|What number of|Number of|Count|Count all|Count up the|Tell me the number of] {}[| are there| can be seen| are in the picture| are shown| do we have| exist here]"),
        "count_all": ("[图形|形状|东西|物体][有几个|几个|的数量|有多少|一共几个|总数|的个数|共多少个];[图中|图里|画面里|一共|总共|][有|画了][几个|多少个|多少][图形|形状|东西|物体];[数|数数|数一下|统计][图形|形状|物体]", "[How many|What number of|Number of|Count all|Count up the|Tell me the number of] [shapes|objects|things|figures|items][| are there| can be seen| are in the picture| are shown| in total]"),
        "colour": _COLOUR,
        "shape": ("{}[的|的东西|的图形|的物体][是什么形状|是啥形状|什么形状|的形状|是什么图形|是圆的还是方的|是哪种形状|是啥图形];[看看|说说|告诉我]{}[的图形|物体|的东西]的形状;[什么|哪种][形状|图形]是{}[的|]", "[What|Which] [shape|form|figure] [is|has] the {} [object|thing|one|figure|item];[Tell me|Name|Say] the [shape|form] of the {} [object|thing|one|figure];[shape|form] of the {} [object|thing|one];The {} [object|thing|one] is [what|which] shape;What is {} [here|in the picture]"),
        "side": ("{0}[在|位于|处于]{1}[的左边还是右边|左边还是右边|的左侧还是右侧|的哪一边，左边还是右边|左面还是右面];{0}和{1}比，{0}在[左边还是右边|左还是右]", "[Does|Is] the {0} [lie left or right of|stand left or right of|left or right of|more to the left or to the right than] the {1};[Left or right|Which side] of the {1}: the {0};Where is the {0} [relative to|compared with|seen from] the {1}, left or right"),
        "height": ("{0}[在|位于|处于]{1}[的上方还是下方|上面还是下面|的上面还是下面|的哪边，上方还是下方];{0}和{1}比，{0}在[上方还是下方|上面还是下面|上还是下]", "[Does|Is] the {0} [lie above or below|stand above or below|over or under|higher or lower than|above or below] the {1};[Above or below|Over or under] the {1}: the {0};Where is the {0} [relative to|compared with|seen from] the {1}, above or below"),
        "present": ("[有|是不是有|是否存在|存在|看得到|看得见|找得到|出现了|画了][一个|]{}[吗|没有|];[图中|图里|画面里|这里]有[一个|]{}[吗|没有|么];[检查|看看]有没有{}", "[Is there|Do you see|Can one see|Is there any|Do we have|Can you find|Does it contain|Does the image have|Is it true that there is] a {}[| here| in it| anywhere| in the picture];[Check|See|Tell me] [whether|if] there is a {};[any|a] {} [here|there]"),
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
