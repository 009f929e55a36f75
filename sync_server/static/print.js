// Buttons with data-print open the browser's print dialogue. Without scripts they stay hidden; Ctrl+P does the same.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
