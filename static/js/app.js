// Wires elements to behaviours: data-behaviour="name other" calls the module of that name with the
// element, once, now or whenever the element arrives. Pages of their own add a module script and call
// `behaviour("name", element => …)`.
import bulk from "./bulk.js";
import combobox from "./combobox.js";
import "./confirm.js";
import depends from "./depends.js";
import errorSummary from "./error-summary.js";
import filters from "./filters.js";
import menu from "./menu.js";
import "./responses.js";
import "./press.js";
import print from "./print.js";
import rowLink from "./row-link.js";
import shortcuts from "./shortcuts.js";
import "./submit.js";
import submitKeys from "./submit-keys.js";
import tabs from "./tabs.js";
import theme from "./theme.js";
import { toast, toasts } from "./toasts.js";
import unsaved from "./unsaved.js";
import "./visit.js";
import { behaviour } from "./behaviours.js";

behaviour("bulk", bulk);
behaviour("combobox", combobox);
behaviour("depends", depends);
behaviour("error-summary", errorSummary);
behaviour("filters", filters);
behaviour("menu", menu);
behaviour("print", print);
behaviour("row-link", rowLink);
behaviour("shortcuts", shortcuts);
behaviour("submit-keys", submitKeys);
behaviour("tabs", tabs);
behaviour("theme", theme);
behaviour("toast", toast);
behaviour("toasts", toasts);
behaviour("unsaved", unsaved);
