/** Everything the page says, in Chinese and English. */

import { find, memory } from "./dom.js";

const WORDS = {
  history: ["历史对话", "Conversations"],
  language: ["Switch to English", "切换为中文"],
  theme: ["主题：{theme}", "Theme: {theme}"],
  theme_auto: ["跟随系统", "as the system"],
  theme_light: ["浅色", "light"],
  theme_dark: ["深色", "dark"],
  fresh: ["新对话", "New"],
  pictures: ["图片", "Pictures"],
  picture: ["第 {number} 张：{name}", "Picture {number}: {name}"],
  questions: ["问答", "Questions and answers"],
  bring: ["放一张图片进来", "Bring a picture"],
  bringHow: ["点击选择，或拖放、粘贴", "Click to choose, drop it here, or paste"],
  limits: ["每张不超过 {mb} MB，最多 {count} 张", "Up to {mb} MB each, {count} at most"],
  noPreview: ["浏览器无法直接显示此格式，回答后会出现预览。", "Your browser cannot show this format; a preview follows with the answer."],
  emptyTitle: ["看得见，问得清", "See it. Ask it."],
  step1: ["放入照片、截图、票据或图表。", "Bring a photo, a screenshot, a receipt or a chart."],
  step2: ["用平常的话提问，中文英文都可以。", "Ask in plain words, in English or Chinese."],
  step3: ["接着追问，不必重新上传，也不经过任何云端。", "Ask on without sending it again. No cloud is involved."],
  ideas: ["可以这样问", "Ideas"],
  idea1: ["这张图里有什么？", "What is in this picture?"],
  idea2: ["读出图中的所有文字", "Read all the text in it"],
  idea3: ["哪里有破损？位置和大小如何？", "Is anything damaged? Where, and how large?"],
  question: ["问题", "Question"],
  ask: ["想了解图中的什么？", "What would you like to know?"],
  attach: ["添加图片", "Add pictures"],
  attached: ["待发送的图片", "Pictures to send"],
  remove: ["移除 {name}", "Remove {name}"],
  json: ["JSON", "JSON"],
  send: ["提问（回车）", "Ask (Enter)"],
  stop: ["停止回答", "Stop the answer"],
  search: ["搜索对话", "Search conversations"],
  close: ["关闭", "Close"],
  none: ["还没有对话。", "No conversations yet."],
  notFound: ["没有找到。", "Nothing found."],
  rename: ["重命名", "Rename"],
  renameTo: ["新的标题", "New title"],
  delete: ["删除", "Delete"],
  deleteSure: ["删除“{title}”及其图片？", "Delete “{title}” and its pictures?"],
  more: ["显示更多", "Show more"],
  copy: ["复制", "Copy"],
  copied: ["已复制", "Copied"],
  saveJson: ["下载 JSON", "Download JSON"],
  again: ["重新提问", "Ask again"],
  waiting: ["正在看图……", "Looking …"],
  queued: ["服务繁忙，正在重试……", "Busy; trying again …"],
  answered: ["回答完毕", "Answered"],
  stopped: ["已停止", "Stopped"],
  cut: ["已达长度上限", "Cut off at the limit"],
  took: ["{seconds} 秒", "{seconds} s"],
  details: ["用时与词元", "Seconds and tokens"],
  t_prepare: ["准备", "Prepare"],
  t_ocr: ["读取文字", "Read text (OCR)"],
  t_queue: ["排队", "Wait"],
  t_vision: ["看图", "Vision tower"],
  t_prefill: ["读题", "Prefill"],
  t_decode: ["作答", "Decode"],
  t_first_token: ["首字", "First token"],
  t_total: ["总计", "Total"],
  u_prompt_tokens: ["输入词元", "Prompt tokens"],
  u_visual_tokens: ["其中图片", "of these pictures"],
  u_cached_tokens: ["其中已缓存", "of these cached"],
  u_completion_tokens: ["输出词元", "Answer tokens"],
  loading: ["模型正在加载……", "Loading the model …"],
  restarting: ["引擎正在重新启动……", "The engine is starting again …"],
  offline: ["无法连接服务", "The server cannot be reached"],
  offlineFix: ["请确认 jianwei serve 正在运行，然后重试。", "Check that jianwei serve is running, then try again."],
  lost: ["连接中断，回答没有收完。", "The connection was lost before the answer was complete."],
  lostFix: ["问题已保存，可以重新提问。", "The question is kept; ask again."],
  builtin: ["内置小模型", "small built-in model"],
  stronger: ["内置小模型能力有限；运行 jianwei pull qwen3-vl-2b 可换用更强的模型。", "The built-in model is small; jianwei pull qwen3-vl-2b fetches a stronger one."],
  needPicture: ["请先放入一张图片。", "Bring a picture first."],
  notPicture: ["“{name}”不是图片。", "“{name}” is not a picture."],
  tooLarge: ["“{name}”超过 {mb} MB，请缩小后再试。", "“{name}” is over {mb} MB; make it smaller."],
  tooMany: ["一次最多 {count} 张图片。", "At most {count} pictures at a time."],
  keyTitle: ["需要 API 密钥", "This server asks for an API key"],
  keyHow: ["请输入启动服务时设置的密钥，只会保存在此浏览器中。", "Enter the key that the server was started with. It is kept in this browser only."],
  keySave: ["继续", "Continue"],
  objects: ["物体", "Objects"],
  texts: ["文字", "Texts"],
  spatial_relations: ["位置关系", "Spatial relations"],
};

let language = memory.get("language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

/** "zh" or "en". */
export const spoken = () => language;

/** The words called `name`, with `{values}` filled in. */
export function text(name, values = {}) {
  const words = WORDS[name]?.[language === "zh" ? 0 : 1] ?? name;
  return words.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Put the words of the current language into everything under `root` that names them. */
export function fill(root = document) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll("[data-placeholder]")) element.placeholder = text(element.dataset.placeholder);
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.dataset.label));
    if (element.tagName === "BUTTON") element.title = text(element.dataset.label);
  }
}

/** Speak `next`, remember it, and tell the page. */
export function speak(next) {
  language = next;
  memory.set("language", next);
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  find("language").textContent = next === "zh" ? "EN" : "中";
  fill();
  document.dispatchEvent(new CustomEvent("spoken"));
}
