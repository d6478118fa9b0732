// Names the visit to a page, so that its forms do their work once. A page that is gone back to comes anew
// from the server, with a new token, and looks like another; the browser's history knows that it is the same.
const visit = history.state?.visit ?? [...crypto.getRandomValues(new Uint32Array(4))].join("-");

document.addEventListener("formdata", ({ target: form, formData }) => {
  if (form.method !== "post" || form.matches("[data-htmx-powered]")) return;
  formData.set("page_visit", visit);
  if (history.state?.visit !== visit) history.replaceState({ ...history.state, visit }, "");
});
