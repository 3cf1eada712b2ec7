/* The scan field keeps the focus, so that a scanner can always write into it. */
(function () {
  "use strict";
  const field = document.querySelector("[data-scan]");
  if (!field) { return; }
  const busy = "a, button, input, select, textarea, summary, label, [tabindex]";
  window.addEventListener("load", function () {
    if (document.activeElement !== field) { field.focus(); }
  });
  document.addEventListener("click", function (event) {
    if (!event.target.closest(busy)) { field.focus(); }
  });
  /* A USB scanner is a keyboard: its first key may land anywhere but in another field. */
  document.addEventListener("keydown", function (event) {
    const letter = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (letter && !event.target.closest("input, select, textarea")) { field.focus(); }
  });
  window.addEventListener("focus", function () {
    if (document.activeElement === document.body) { field.focus(); }
  });
})();
