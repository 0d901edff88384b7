// Texts of the page in English and Chinese, with placeholders such as `{name}`.

const english = {
  title: "Human parsing", skip: "Skip to the content", another: "Another photo",
  dropTitle: "Drop a photo here", dropHint: "or choose a file, or paste one", choose: "Choose a photo",
  dropFormats: "JPEG, PNG, WebP or AVIF. It goes to this server and nowhere else.",
  cancel: "Cancel", resultTitle: "The parsed photo", divider: "Divider between the photo and its parsing",
  opacity: "Overlay", people: "People", classes: "Classes", all: "All", none: "None",
  downloads: "Download", saveColor: "Merged picture (PNG)", saveCutout: "Cutout of what is shown (PNG)",
  saveZip: "All masks (ZIP)", saveJson: "JSON", saveMask: "This mask", oneMask: "Mask", api: "API description",
  token: "Access token", tokenSend: "Try again",
  uploading: "Sending {name}: {percent} %", parsing: "Parsing {name} …", preparing: "Preparing the download …",
  done: "{name}: people: {people}, parts: {parts}, in {seconds} s.", canceled: "Canceled.",
  saved: "{name} was saved.",
  person: "Person {number}", unsurePerson: "Person {number} (unsure)", nobody: "Nobody", noPeople: "Nobody was found in this photo.",
  noParts: "No parts were found.", dividerValue: "{percent} % photo",
  photoText: "{name}, {width} × {height} pixels: {parts}",
  facts: "{width} × {height} · {size} · {seconds} s (network {network} s)", cachedFacts: "{width} × {height} · {size} · {seconds} s (from memory)",
  errors: {
    not_a_picture: "{name} is not a JPEG, PNG, WebP or AVIF photo.",
    unreachable: "The server cannot be reached. Is it still running?",
    bad_image: "The photo cannot be read.", too_large: "The photo is too large.",
    unauthorized: "This server asks for an access token.", overloaded: "The server is busy. Please try again in a moment.",
    timeout: "The server took too long. Please try again.", not_ready: "The server is shutting down.",
    request_timeout: "The upload took too long.", other: "Something went wrong.",
  },
  labels: {},
};

const chinese = {
  title: "人体解析", skip: "跳到内容", another: "换一张照片",
  dropTitle: "将照片拖到这里", dropHint: "也可以选择文件，或直接粘贴", choose: "选择照片",
  dropFormats: "支持 JPEG、PNG、WebP、AVIF。照片只发送到本服务器。",
  cancel: "取消", resultTitle: "解析结果", divider: "原图与解析图之间的分隔线",
  opacity: "叠加", people: "人物", classes: "类别", all: "全选", none: "全不选",
  downloads: "下载", saveColor: "合并图 (PNG)", saveCutout: "所选部分的抠图 (PNG)",
  saveZip: "全部遮罩 (ZIP)", saveJson: "JSON", saveMask: "此遮罩", oneMask: "遮罩", api: "API 说明",
  token: "访问令牌", tokenSend: "重试",
  uploading: "正在上传 {name}：{percent} %", parsing: "正在解析 {name} …", preparing: "正在准备下载 …",
  done: "{name}：{seconds} 秒内找到 {people} 人、{parts} 个部位。", canceled: "已取消。",
  saved: "{name} 已保存。",
  person: "人物 {number}", unsurePerson: "人物 {number}（不确定）", nobody: "无归属", noPeople: "照片中没有找到人。",
  noParts: "没有找到任何部位。", dividerValue: "原图 {percent} %",
  photoText: "{name}，{width} × {height} 像素：{parts}",
  facts: "{width} × {height} · {size} · {seconds} 秒（网络 {network} 秒）", cachedFacts: "{width} × {height} · {size} · {seconds} 秒（来自缓存）",
  errors: {
    not_a_picture: "{name} 不是 JPEG、PNG、WebP 或 AVIF 照片。",
    unreachable: "无法连接服务器。它还在运行吗？",
    bad_image: "无法读取这张照片。", too_large: "照片太大。",
    unauthorized: "此服务器需要访问令牌。", overloaded: "服务器繁忙，请稍后再试。",
    timeout: "服务器处理超时，请重试。", not_ready: "服务器正在关闭。",
    request_timeout: "上传时间过长。", other: "出现了错误。",
  },
  labels: {
    Background: "背景", Hat: "帽子", Hair: "头发", Glove: "手套", Sunglasses: "墨镜", UpperClothes: "上衣",
    Dress: "连衣裙", Coat: "外套", Socks: "袜子", Pants: "裤子", "Torso-skin": "躯干皮肤", Scarf: "围巾",
    Skirt: "裙子", Face: "脸", "Left-arm": "左臂", "Right-arm": "右臂", "Left-leg": "左腿", "Right-leg": "右腿",
    "Left-shoe": "左鞋", "Right-shoe": "右鞋", Jumpsuits: "连体裤", Human: "人",
  },
};

const languages = { en: english, zh: chinese };
let current = "en";

export const language = () => current;

/** Chooses a language and remembers it; without one, takes what was chosen before or what the browser prefers. */
export function chooseLanguage(name) {
  const stored = name ?? remembered();
  const preferred = (navigator.languages ?? [navigator.language]).find((tag) => /^(en|zh)\b/i.test(tag)) ?? "en";
  current = stored in languages ? stored : preferred.slice(0, 2).toLowerCase();
  if (name) remember(name);
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
}

// Access to the storage may be denied.
function remembered() {
  try { return localStorage.getItem("language") ?? ""; } catch { return ""; }
}
function remember(name) {
  try { localStorage.setItem("language", name); } catch { /* it is chosen for this visit alone */ }
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** The text of a key. */
export const say = (key, values = {}) => fill(languages[current][key] ?? key, values);

/** The text for an error code. */
export const sayError = (code, values = {}) =>
  fill(languages[current].errors[code] ?? languages[current].errors.other, values);

/** A class by its name: "Left-arm" is "Left arm" to people. */
export const sayLabel = (name) =>
  languages[current].labels[name] ?? name.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/-/g, " ").replace(/ (\w)/g, (all) => all.toLowerCase());
