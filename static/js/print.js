// data-behaviour="print": the browser's own print dialog; the button is hidden where there is no JavaScript.
export default function print(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
