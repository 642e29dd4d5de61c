"use strict";
(() => {
  const root = document.documentElement, theme = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const named = () => { theme.textContent = isDark() ? "light" : "dark"; theme.setAttribute("aria-label", `switch to the ${theme.textContent} theme`); };
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; named(); });
  system.addEventListener("change", named);
  named();
  const chips = document.querySelector(".chips");
  if (!chips) return;
  chips.hidden = false;
  chips.addEventListener("click", (event) => {
    const chosen = event.target.closest("button");
    if (!chosen) return;
    for (const chip of chips.querySelectorAll("button")) chip.setAttribute("aria-pressed", String(chip === chosen));
    const kind = chosen.dataset.kind, more = document.querySelector(".more");
    if (more && kind !== "") more.open = true;
    for (const item of document.querySelectorAll(".mistake")) item.hidden = kind !== "" && item.dataset.kind !== kind;
  });
})();
