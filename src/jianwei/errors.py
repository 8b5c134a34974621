"""The one family of errors that leaves Jianwei.

An error has a stable code (machines), a sentence in Chinese and English (people), a way out (what to do
next) and an HTTP status. Nothing internal (paths of ours, tracebacks) ever stands in the text; the cause is
chained with ``raise ... from`` for the log.
"""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

Language = Literal["zh", "en"]


class Explanation(NamedTuple):
    """What one error code means: HTTP status, then the sentence and the way out in both languages.

    The texts are ``str.format`` templates over the keyword arguments of the error.
    """

    status: int
    en: str
    zh: str
    fix_en: str
    fix_zh: str


class Phrase(NamedTuple):
    """Words inside an error (a reason, the name of a thing) that must be read in either language."""

    en: str
    zh: str


class JianweiError(Exception):
    """Base of every error of ours; raise a subclass with a code from its ``explanations``.

    Args:
        code: a key of ``explanations``.
        **params: the values that the explanation's templates name; a ``Phrase`` follows the language asked.
    """

    explanations: ClassVar[dict[str, Explanation]] = {}

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(f"[{code}] {self.text('en')}")

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross the pipe between engine and server: rebuild from code and params."""
        return (_rebuild, (type(self), self.code, self.params))

    @property
    def status(self) -> int:
        """The HTTP status that fits this error."""
        return self.explanations[self.code].status

    def text(self, language: Language = "en") -> str:
        """The sentence a person reads, in ``language``."""
        explanation = self.explanations[self.code]
        return (explanation.zh if language == "zh" else explanation.en).format(**self._params(language))

    def fix(self, language: Language = "en") -> str:
        """What the person can do about it, in ``language``."""
        explanation = self.explanations[self.code]
        return (explanation.fix_zh if language == "zh" else explanation.fix_en).format(
            **self._params(language)
        )

    def _params(self, language: Language) -> dict[str, object]:
        return {
            name: (value.zh if language == "zh" else value.en) if isinstance(value, Phrase) else value
            for name, value in self.params.items()
        }


def _rebuild(kind: type[JianweiError], code: str, params: dict[str, object]) -> JianweiError:
    return kind(code, **params)


class InputError(JianweiError):
    """What the user sent cannot be used (picture, question, option)."""

    explanations: ClassVar = {
        "scene_font_missing": Explanation(
            500,
            "Scenes with Chinese text cannot be drawn: no known Chinese font is installed ({name}, for one).",
            "无法绘制含中文的场景：未安装已知的中文字体（例如 {name}）。",
            "Install one (Debian, Ubuntu: `apt install fonts-noto-cjk`), or name a folder of fonts in JIANWEI_FONTS.",
            "请安装字体（Debian、Ubuntu：`apt install fonts-noto-cjk`），或用 JIANWEI_FONTS 指定字体文件夹。",
        ),
        "not_a_picture": Explanation(
            415,
            "“{name}” is not a picture we can read.",
            "“{name}”不是可以识别的图片。",
            "Send a JPEG, PNG, WebP, GIF, BMP, TIFF or HEIC file, a PDF or a video (MP4, WebM, AVI, MOV).",
            "请使用 JPEG、PNG、WebP、GIF、BMP、TIFF 或 HEIC 图片、PDF 或视频（MP4、WebM、AVI、MOV）。",
        ),
        "empty_file": Explanation(
            400,
            "“{name}” is empty (0 bytes).",
            "“{name}”是空文件（0 字节）。",
            "Check that the upload finished, then send the picture again.",
            "请确认文件已完整保存或上传，然后重新发送。",
        ),
        "picture_damaged": Explanation(
            422,
            "“{name}” is damaged or cut off, so it cannot be decoded.",
            "“{name}”已损坏或不完整，无法解码。",
            "Open it in an image viewer and save it again, or take the photo again.",
            "请用看图软件打开并另存，或重新拍摄。",
        ),
        "picture_too_large": Explanation(
            413,
            "“{name}” is too large: {got}, the limit is {limit}.",
            "“{name}”过大：{got}，上限为 {limit}。",
            "Make the picture smaller, or send only the part the question is about.",
            "请缩小图片，或只截取与问题有关的部分。",
        ),
        "picture_too_small": Explanation(
            422,
            "“{name}” is too small to see anything: {got}.",
            "“{name}”太小，看不清内容：{got}。",
            "Send a picture of at least {limit} pixels on each side.",
            "请使用每边至少 {limit} 像素的图片。",
        ),
        "picture_too_narrow": Explanation(
            422,
            "“{name}” is {got}: one side is more than {limit} times the other.",
            "“{name}”的尺寸为 {got}：长边超过短边的 {limit} 倍。",
            "Cut it into several pictures.",
            "请将其裁切成几张图片。",
        ),
        "too_many_pictures": Explanation(
            413,
            "{got} pictures in one request; the limit is {limit}.",
            "一次请求包含 {got} 张图片，上限为 {limit} 张。",
            "Split the request.",
            "请分几次发送。",
        ),
        "file_locked": Explanation(
            422,
            "“{name}” is protected by a password.",
            "“{name}”有密码保护。",
            "Open it with its password and save a copy without one, then send that.",
            "请用密码打开并另存为不加密的副本，再重新发送。",
        ),
        "file_damaged": Explanation(
            422,
            "“{name}” is damaged or cut off, so nothing of it can be shown.",
            "“{name}”已损坏或不完整，无法显示。",
            "Open it in a viewer or player and export it to a new file, then send that.",
            "请用阅读器或播放器打开并导出为新文件，再重新发送。",
        ),
        "no_pages": Explanation(
            422,
            "“{name}” has no page or frame to show.",
            "“{name}”中没有可以显示的页面或画面。",
            "Check in a viewer or player that there is something in it.",
            "请用阅读器或播放器确认其中有内容。",
        ),
        "bad_pages": Explanation(
            422,
            "“{got}” is none of the {count} pages of “{name}”.",
            "“{name}”共 {count} 页，没有“{got}”。",
            "Name pages by numbers and ranges, such as 1-3,7.",
            "请用数字和范围指定页面，例如 1-3,7。",
        ),
        "too_many_pages": Explanation(
            413,
            "{got} pages of “{name}” at a time; the limit is {limit}.",
            "一次使用“{name}”的 {got} 页，上限为 {limit} 页。",
            "Choose some of them with `pages`, such as 1-3,7.",
            "请用 `pages` 选择部分页面，例如 1-3,7。",
        ),
        "no_picture": Explanation(
            400,
            "There is no picture in this request.",
            "请求里没有图片。",
            "Attach a picture as `image`, or name a `conversation_id` that has one.",
            "请用 `image` 字段附上图片，或用 `conversation_id` 指定已有图片的对话。",
        ),
        "file_not_found": Explanation(
            404,
            "There is no file “{name}”.",
            "找不到文件“{name}”。",
            "Check the path.",
            "请检查路径是否正确。",
        ),
        "file_unreadable": Explanation(
            400,
            "“{name}” cannot be read: {reason}.",
            "无法读取“{name}”：{reason}。",
            "Check that it is a file and that you may read it.",
            "请确认它是文件，并且您有读取权限。",
        ),
        "empty_query": Explanation(
            400,
            "The question is empty.",
            "问题是空的。",
            "Write what you want to know about the picture in `query`.",
            "请在 `query` 中写下您想了解的内容。",
        ),
        "context_too_long": Explanation(
            413,
            "The request needs {got} tokens; this model takes {limit}.",
            "本次请求需要 {got} 个词元，模型上限为 {limit}。",
            "Shorten the question, start a new conversation, or send fewer or smaller pictures.",
            "请缩短问题、新建对话，或减少、缩小图片。",
        ),
        "unknown_field": Explanation(
            422,
            "Unknown field “{name}”.",
            "未知字段“{name}”。",
            "Fields that exist: {known}.",
            "可用的字段：{known}。",
        ),
        "bad_value": Explanation(
            422,
            "“{name}” cannot be “{got}”: {reason}.",
            "“{name}”的值“{got}”无效：{reason}。",
            "See /docs for the values it takes.",
            "取值范围请见 /docs。",
        ),
        "unknown_recipe": Explanation(
            404,
            "There is no recipe “{name}”; there are {there}.",
            "没有名为“{name}”的配方；现有 {there}。",
            "`jianwei recipes` lists them.",
            "运行 `jianwei recipes` 可列出全部配方。",
        ),
        "bad_recipe": Explanation(
            422,
            "The recipe “{name}” cannot be used: {reason}.",
            "配方“{name}”无法使用：{reason}。",
            "Correct its file; docs/recipes.md explains each key.",
            "请修改该文件；各键的含义见 docs/recipes.md。",
        ),
        "bad_schema": Explanation(
            422,
            "The JSON schema or pattern cannot be used: {reason}.",
            "JSON schema 或正则表达式无法使用：{reason}。",
            "Correct the schema; most of JSON Schema 2020-12 is supported.",
            "请修正后重试；支持 JSON Schema 2020-12 的大部分内容。",
        ),
        "bad_request": Explanation(
            400,
            "The request cannot be read: {reason}.",
            "无法读取该请求：{reason}。",
            "See /docs for the form it takes.",
            "请求格式请见 /docs。",
        ),
        "bad_questions": Explanation(
            422,
            "Line {line} of “{name}” cannot be used: {reason}.",
            "“{name}”的第 {line} 行无法使用：{reason}。",
            "Each line is a JSON object with file, question, expected and match: see docs/evaluation.md.",
            "每行应是一个 JSON 对象，含 file、question、expected 和 match，见 docs/evaluation.md。",
        ),
        "urls_not_allowed": Explanation(
            403,
            "Fetching pictures from addresses is switched off.",
            "未开启从网址读取图片的功能。",
            "Send the file itself, or allow it with --allow-url.",
            "请直接发送图片文件，或用 --allow-url 开启。",
        ),
        "url_failed": Explanation(
            502,
            "The picture at this address could not be fetched: {reason}.",
            "无法从该网址读取图片：{reason}。",
            "Check the address, or download the picture and send the file.",
            "请检查网址，或先下载图片再发送文件。",
        ),
    }


class RequestError(JianweiError):
    """The request as such is refused (who asks, what is asked for, or when)."""

    explanations: ClassVar = {
        "unknown_conversation": Explanation(
            404,
            "There is no conversation “{name}”.",
            "找不到对话“{name}”。",
            "Leave `conversation_id` out to start a new one.",
            "请去掉 `conversation_id`，开始新的对话。",
        ),
        "unknown_model": Explanation(
            404,
            "There is no model “{name}” here.",
            "这里没有模型“{name}”。",
            "`jianwei models` lists what there is; `jianwei pull NAME` fetches one.",
            "`jianwei models` 可查看模型，`jianwei pull 名称` 可下载。",
        ),
        "unauthorized": Explanation(
            401,
            "This server asks for an API key.",
            "此服务需要 API 密钥。",
            "Send it as `Authorization: Bearer KEY`.",
            "请以 `Authorization: Bearer 密钥` 发送。",
        ),
        "forbidden_host": Explanation(
            403,
            "This server does not answer for that host or origin.",
            "此服务不接受来自该主机名或来源的请求。",
            "Open the address the server printed at start, or allow the name with --allow-host.",
            "请使用服务启动时显示的地址，或用 --allow-host 允许该主机名。",
        ),
        "not_found": Explanation(
            404, "There is nothing at this address.", "此地址没有内容。", "See /docs.", "请见 /docs。"
        ),
        "method_not_allowed": Explanation(
            405,
            "This address does not take that method.",
            "此地址不支持该请求方法。",
            "See /docs.",
            "请见 /docs。",
        ),
        "unsupported_option": Explanation(
            400,
            "“{name}” is not supported: {reason}.",
            "不支持“{name}”：{reason}。",
            "Leave it out.",
            "请去掉该选项。",
        ),
        "request_too_large": Explanation(
            413,
            "The request is too large: more than {limit}.",
            "请求过大：超过 {limit}。",
            "Send fewer or smaller pictures.",
            "请减少或缩小图片。",
        ),
        "conversation_busy": Explanation(
            409,
            "The last question of this conversation is still being answered.",
            "此对话的上一个问题仍在回答中。",
            "Wait for that answer, or stop it first.",
            "请等待回答完成，或先停止它。",
        ),
        "insecure_host": Explanation(
            400,
            "On {host} without an API key, everyone on the network could ask and read conversations.",
            "在 {host} 上监听而不设 API 密钥，会让网络上的所有人都能提问并查看对话。",
            "Set one with --api-key KEY (or JIANWEI_API_KEY), or say --insecure if that is really meant.",
            "请用 --api-key 密钥（或 JIANWEI_API_KEY）设置密钥；若确实不需要，可加 --insecure。",
        ),
        "address_unusable": Explanation(
            400,
            "Cannot listen on {host}, port {port}: {reason}.",
            "无法在 {host} 的 {port} 端口监听：{reason}。",
            "Choose another port with --port, or stop the program that uses it.",
            "请用 --port 换一个端口，或停止占用它的程序。",
        ),
        "internal_error": Explanation(
            500,
            "Something went wrong in the server (reference {reference}).",
            "服务器内部出错（编号 {reference}）。",
            "Try again; the server's log tells more under this reference.",
            "请重试；服务器日志中可按此编号查到详情。",
        ),
        "busy": Explanation(
            503,
            "Too many questions are waiting ({got}).",
            "等待回答的问题太多（{got} 个）。",
            "Try again in a moment.",
            "请稍后再试。",
        ),
    }


class EngineError(JianweiError):
    """The engine could not finish what it had begun."""

    explanations: ClassVar = {
        "engine_loading": Explanation(
            503,
            "The model is still being loaded.",
            "模型正在加载。",
            "Try again in a few seconds.",
            "请几秒后再试。",
        ),
        "endpoint_unreachable": Explanation(
            502,
            "The server at {url} cannot be asked: {reason}.",
            "无法向 {url} 的服务提问：{reason}。",
            "Check that it runs, its address (often with /v1), the model's name and the API key.",
            "请检查服务是否在运行、地址（常以 /v1 结尾）、模型名称和 API 密钥。",
        ),
        "engine_crashed": Explanation(
            503,
            "The engine stopped while it worked on this answer; it is being started again.",
            "引擎在回答过程中意外停止，正在重新启动。",
            "Ask again.",
            "请重新提问。",
        ),
        "engine_failed": Explanation(
            500,
            "The engine failed on this request.",
            "引擎处理此请求时出错。",
            "Ask again; if it happens again, `jianwei doctor` helps to find out why.",
            "请重新提问；如再次出现，可运行 `jianwei doctor` 查找原因。",
        ),
        "out_of_memory": Explanation(
            503,
            "There is not enough memory for the pictures and conversations now open.",
            "内存不足，无法处理当前的图片和对话。",
            "Try again when other answers are finished, or start with a larger --kv-budget.",
            "请等其他回答完成后再试，或增大 --kv-budget。",
        ),
        "interrupted": Explanation(
            503,
            "The server was stopped before this answer was finished.",
            "服务在回答完成前已停止。",
            "Ask again.",
            "请重新提问。",
        ),
        "cancelled": Explanation(
            499, "The answer was stopped.", "回答已停止。", "Ask again.", "请重新提问。"
        ),
    }


class ModelFileError(JianweiError):
    """A model file cannot be used, found or fetched."""

    explanations: ClassVar = {
        "model_not_gguf": Explanation(
            500,
            "“{name}” is not a GGUF file.",
            "“{name}”不是 GGUF 文件。",
            "Fetch it again with `jianwei pull`.",
            "请用 `jianwei pull` 重新下载。",
        ),
        "model_truncated": Explanation(
            500,
            "“{name}” is cut off or damaged: {reason}.",
            "“{name}”不完整或已损坏：{reason}。",
            "Fetch it again with `jianwei pull`.",
            "请用 `jianwei pull` 重新下载。",
        ),
        "model_wrong_architecture": Explanation(
            500,
            "“{name}” holds a “{got}” model, not {expected}.",
            "“{name}”是“{got}”模型，而不是 {expected}。",
            "Use the GGUF pair (language model and mmproj) of a Qwen3-VL model.",
            "请使用 Qwen3-VL 的一对 GGUF 文件（语言模型与 mmproj）。",
        ),
        "model_unsupported": Explanation(
            500,
            "“{name}” cannot be used: {reason}.",
            "“{name}”无法使用：{reason}。",
            "Use a file quantized as Q4_K_M, Q4_0, Q8_0, F16 or BF16 (vision: Q8_0, F16, BF16).",
            "请使用 Q4_K_M、Q4_0、Q8_0、F16 或 BF16 量化的文件（视觉部分：Q8_0、F16、BF16）。",
        ),
        "model_pair_mismatch": Explanation(
            500,
            "“{name}” and “{other}” do not belong together: {reason}.",
            "“{name}”与“{other}”不匹配：{reason}。",
            "Use the two files of the same model.",
            "请使用同一模型的两个文件。",
        ),
        "model_not_here": Explanation(
            404,
            "The model “{name}” has not been fetched yet.",
            "模型“{name}”尚未下载。",
            "Run `jianwei pull {name}`.",
            "请运行 `jianwei pull {name}`。",
        ),
        "builtin_missing": Explanation(
            500,
            "The built-in model's files are missing from this installation.",
            "此安装中缺少内置模型的文件。",
            "Install Jianwei again, or use another model: `jianwei pull qwen3-vl-2b`.",
            "请重新安装 Jianwei，或改用其他模型：`jianwei pull qwen3-vl-2b`。",
        ),
        "ocr_missing": Explanation(
            500,
            "Text cannot be read from pictures: “{name}” of the package rapidocr is missing.",
            "无法识别图片中的文字：缺少 rapidocr 软件包的“{name}”。",
            "Install Jianwei again (`pip install --force-reinstall rapidocr`), or ask with `ocr` switched off.",
            "请重新安装（`pip install --force-reinstall rapidocr`），或关闭 `ocr` 后再提问。",
        ),
        "mmproj_not_found": Explanation(
            404,
            "There is no single vision file (mmproj) beside “{name}”.",
            "在“{name}”旁边没有找到唯一的视觉文件（mmproj）。",
            "Name it with --mmproj FILE, or keep just one mmproj-*.gguf in that folder.",
            "请用 --mmproj 文件 指定，或在该文件夹中只保留一个 mmproj-*.gguf。",
        ),
        "download_failed": Explanation(
            502,
            "“{name}” could not be fetched: {reason}.",
            "无法下载“{name}”：{reason}。",
            "Check the network, or try the other source with --source modelscope or --source huggingface. "
            "What has arrived is kept.",
            "请检查网络，或用 --source modelscope / --source huggingface 换一个来源。已下载的部分会保留。",
        ),
        "download_corrupt": Explanation(
            502,
            "“{name}” arrived damaged: its {what} is not the expected one.",
            "下载的“{name}”已损坏：{what}与预期不符。",
            "Run `jianwei pull` again; the damaged file was removed.",
            "请重新运行 `jianwei pull`；损坏的文件已删除。",
        ),
        "disk_full": Explanation(
            507,
            "There is not enough disk space: {got} free, {limit} needed.",
            "磁盘空间不足：剩余 {got}，需要 {limit}。",
            "Free some space, or set JIANWEI_HOME to another disk.",
            "请清理磁盘，或用 JIANWEI_HOME 指定其他位置。",
        ),
    }


class StoreError(JianweiError):
    """Conversations cannot be read or written."""

    explanations: ClassVar = {
        "store_unusable": Explanation(
            500,
            "The file of conversations cannot be used: {reason}.",
            "对话数据文件无法使用：{reason}。",
            "Check the folder {folder}, or set JIANWEI_HOME to another one.",
            "请检查文件夹 {folder}，或用 JIANWEI_HOME 指定其他位置。",
        ),
        "store_failed": Explanation(
            507,
            "The question could not be saved, so it was not asked.",
            "问题未能保存，因此没有提交。",
            "Check that the disk has room and may be written, then ask again.",
            "请确认磁盘有空间且可写，然后重新提问。",
        ),
        "picture_gone": Explanation(
            410,
            "A picture of this conversation is no longer on the disk.",
            "此对话中的一张图片已不在磁盘上。",
            "Attach it again as `image`.",
            "请用 `image` 重新附上该图片。",
        ),
    }
