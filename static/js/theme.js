/* Follow the reader's light or dark setting; loaded in <head> so that the page never flashes. */
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = function () { root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light"); };
  root.classList.add("has-js");
  apply();
  dark.addEventListener("change", apply);
})();
