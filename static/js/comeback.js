/* Small helps for every door. Each page works without this file. */
(function () {
  "use strict";

  /* A form is sent once: a second press of the button while it travels does nothing. */
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if ((form.getAttribute("method") || "").toLowerCase() !== "post" || form.hasAttribute("hx-post")) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    const button = event.submitter;
    if (!button) { return; }
    button.setAttribute("aria-busy", "true");
    const words = form.dataset.sending;
    const label = button.querySelector("[data-label]");
    if (words && label) { label.textContent = words; }
  });

  /* Coming back with the browser's Back button must not leave the form locked. */
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
    document.querySelectorAll("[aria-busy='true']").forEach(function (one) { one.removeAttribute("aria-busy"); });
  });

  /* Minus and plus round a number input. */
  function step(input, by) {
    const low = input.min === "" ? 0 : Number(input.min);
    const high = input.max === "" ? Infinity : Number(input.max);
    const next = Math.min(high, Math.max(low, (Number(input.value) || 0) + by));
    if (String(next) === input.value) { return; }
    input.value = String(next);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function button(sign, words, input, by) {
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = sign;
    one.setAttribute("aria-label", words);
    one.addEventListener("click", function () { step(input, by); });
    return one;
  }
  function dress(root) {
    root.querySelectorAll("[data-stepper]:not([data-ready])").forEach(function (box) {
      const input = box.querySelector("input");
      box.dataset.ready = "1";
      box.prepend(button("\u2212", box.dataset.less, input, -1));
      box.append(button("+", box.dataset.more, input, 1));
    });
  }

  /* Copy a code; the button says that it did. */
  document.addEventListener("click", function (event) {
    const one = event.target.closest("[data-copy]");
    if (!one || !navigator.clipboard) { return; }
    navigator.clipboard.writeText(one.dataset.copy).then(function () {
      const label = one.querySelector("[data-label]") || one;
      label.textContent = one.dataset.done;
    });
  });

  /* One tick in the head of a table ticks the rows; the bar shows when something is chosen. */
  function bulk(form) {
    const rows = Array.from(form.querySelectorAll("[data-row]"));
    const chosen = rows.filter(function (row) { return row.checked; });
    rows.forEach(function (row) { row.closest("tr").classList.toggle("on", row.checked); });
    const bar = form.querySelector("[data-bulk]");
    if (bar) {
      bar.hidden = chosen.length === 0;
      bar.querySelectorAll("[data-count]").forEach(function (one) { one.textContent = String(chosen.length); });
    }
  }
  document.addEventListener("change", function (event) {
    const form = event.target.closest("form[data-bulk-form]");
    if (form) {
      if (event.target.matches("[data-all]")) {
        form.querySelectorAll("[data-row]").forEach(function (row) { row.checked = event.target.checked; });
      }
      bulk(form);
    }
    if (event.target.matches("[data-file-names]")) {
      const out = document.getElementById(event.target.dataset.fileNames);
      if (out) { out.textContent = Array.from(event.target.files).map(function (file) { return file.name; }).join(", "); }
    }
  });

  /* "/" goes to the search field, unless somebody is typing. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.target.closest("input, textarea, select, [contenteditable]")) { return; }
    const find = document.querySelector("[data-find]");
    if (find) { event.preventDefault(); find.focus(); }
  });

  document.addEventListener("DOMContentLoaded", function () {
    dress(document);
    document.querySelectorAll("form[data-bulk-form]").forEach(bulk);
    const bad = document.querySelector("[aria-invalid='true'], [data-first-error]");
    if (bad) { bad.focus(); }
  });

  /* The browser jumps to the #part of the address when all is there; what was just added is then gone to. */
  window.addEventListener("load", function () {
    const fresh = location.hash && document.querySelector("[autofocus]");
    if (fresh) { fresh.focus(); }
  });

  /* "Line 12" of a text selects that line. */
  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[data-line]");
    const text = link && document.querySelector(link.getAttribute("href"));
    if (!text) { return; }
    event.preventDefault();
    const lines = text.value.split("\n");
    const place = Number(link.dataset.line) - 1;
    const start = lines.slice(0, place).reduce(function (sum, line) { return sum + line.length + 1; }, 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[place] || "").length);
    text.scrollTop = place * (text.scrollHeight / lines.length) - text.clientHeight / 3;
  });
  document.addEventListener("htmx:load", function (event) { dress(event.detail.elt); });
})();
