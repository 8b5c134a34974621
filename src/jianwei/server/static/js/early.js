// Before the first paint, so that a remembered theme or language never flashes in late.
(() => {
  const kept = (name) => {
    try {
      return localStorage.getItem(`jianwei.${name}`);
    } catch {
      return null; // storage may be switched off
    }
  };
  const theme = kept("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  const language = kept("language") || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
})();
