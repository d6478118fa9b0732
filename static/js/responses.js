// What htmx would otherwise put into a small region: a whole page. After a redirect (also to the
// sign-in) the browser goes there; a refused form replaces the main part; any other error is a toast.
import { show } from "./toasts.js";

const whole = /^\s*(<!--.*?-->\s*)*<!doctype html/is;

function words(status) {
  const { forbidden, gone, broken } = document.getElementById("toasts").dataset;
  if (status === 403) return forbidden;
  return status === 404 || status === 410 ? gone : broken;
}

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const { raw, status } = ctx.response;
  if (ctx.target === document.body || ctx.select || !whole.test(ctx.text)) return;
  if (raw.redirected && status < 400) {
    event.preventDefault();
    window.location.assign(raw.url);
  } else if (status === 409 || status === 422) {
    ctx.target = document.getElementById("main") ?? ctx.target;
    ctx.select = "#main";
    ctx.swap = "outerHTML";
  } else if (status >= 400) {
    event.preventDefault();
    show({ text: words(status), tone: "red" });
  }
});
