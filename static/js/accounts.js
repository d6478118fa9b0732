// Pages about accounts: showing a password, copying codes and links, and what to say when a passkey fails.
import { behaviour } from "./behaviours.js";

// <input type="password" data-behaviour="reveal" data-reveal="Show the password">
behaviour("reveal", (input) => {
  const box = document.createElement("span");
  box.className = "with-reveal";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  button.title = input.dataset.reveal ?? "";
  button.setAttribute("aria-label", button.title);
  button.setAttribute("aria-pressed", "false");
  button.append(icon("eye"));
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    input.focus();
  });
  input.form?.addEventListener("submit", () => {
    input.type = "password";
  });
  const had = document.activeElement === input || input.autofocus;
  input.before(box);
  box.append(input, button);
  if (had) input.focus();
});

// <button data-behaviour="copy" data-copies="id" data-done="Copied"><span>Copy</span></button>
behaviour("copy", (button) => {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies);
    const lines = source.matches("ol, ul") ? [...source.children].map((item) => item.textContent.trim()) : [source.textContent.trim()];
    await navigator.clipboard.writeText(lines.join("\n"));
    const label = button.querySelector("span");
    const before = label.textContent;
    label.textContent = button.dataset.done;
    setTimeout(() => {
      label.textContent = before;
    }, 2000);
  });
});

if (!window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-passkeys]")) form.hidden = true;
}

// The sign-in library tells of a passkey that failed; here it becomes a sentence.
const REASONS = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known", SecurityError: "insecure" };

document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-trouble]");
  if (!place) return;
  event.preventDefault();
  place.textContent = place.dataset[REASONS[event.detail.exception?.name] ?? "failed"];
  place.hidden = false;
});

function icon(name) {
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0];
  use.setAttribute("href", `${sprite}#${name}`);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}
