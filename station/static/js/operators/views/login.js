/** Nobody is logged in: name and password, or a one-time code with which somebody becomes an operator. */

import { html, setText } from "../../dom.js";
import { NAME, createField } from "../fields.js";
import { refusalWords } from "../server_words.js";

const SHORTEST_PASSWORD = 12;

export function createLogin({ i18n, session, handed }) {
  const heading = html("h1", { tabindex: "-1" });
  const lead = html("p", { class: "lead" });
  const notice = html("p", { class: "notice", role: "alert" });
  const words = html("span", { lang: "en", dir: "ltr" });
  const reason = html("span");
  notice.append(reason, " ", words);
  const logIn = createLogInForm(i18n, session, handed);
  const become = createBecomeForm(i18n, session, handed);
  if (handed.password !== null) requestAnimationFrame(() => logIn.button.focus()); // nothing is left to type
  handed.password = handed.code = null; // of no use a second time
  const root = html("section", { class: "view login" }, heading, lead, notice, logIn.root, become.root);

  return {
    root,
    heading,
    update() {
      setText(heading, i18n.t("login.title"));
      setText(lead, i18n.t("login.lead"));
      setText(reason, session.notice ? noticeWords(i18n, session.notice) : "");
      setText(words, session.notice?.error?.words ?? "");
      notice.hidden = session.notice === null;
      logIn.update();
      become.update();
    },
  };
}

function noticeWords(i18n, { key, error }) {
  return refusalWords(i18n, error?.code) ?? i18n.t(key);
}

function createLogInForm(i18n, session, handed) {
  const name = nameField(handed.name);
  const password = createField({
    name: "password", type: "password", required: true, autocomplete: "current-password", value: handed.password,
  });
  const button = html("button", { class: "button" });
  const root = html("form", { class: "login-form card", onsubmit: submit }, name.root, password.root, button);

  function submit(event) {
    event.preventDefault();
    session.logIn(name.input.value, password.input.value);
  }

  return {
    root,
    button,
    update() {
      setText(name.name, i18n.t("login.name"));
      setText(password.name, i18n.t("login.password"));
      setText(button, i18n.t("login.button"));
      button.disabled = session.busy;
    },
  };
}

function createBecomeForm(i18n, session, handed) {
  const summary = html("summary");
  const text = html("p");
  const code = createField({
    name: "code", required: true, maxlength: "40", dir: "ltr", value: handed.code,
    autocomplete: "one-time-code", autocapitalize: "characters", spellcheck: "false",
  });
  const name = nameField(handed.name);
  const password = createField({
    name: "password", type: "password", required: true, autocomplete: "new-password", minlength: SHORTEST_PASSWORD,
  });
  const button = html("button", { class: "button" });
  const form = html("form", { class: "login-form", onsubmit: submit },
    text, code.root, name.root, password.root, button);
  const root = html("details", { class: "become card", open: handed.code !== null }, summary, form);

  function submit(event) {
    event.preventDefault();
    session.becomeOperator(name.input.value, code.input.value, password.input.value);
  }

  return {
    root,
    update() {
      setText(summary, i18n.t("login.have_code"));
      setText(text, i18n.t("login.code_text"));
      setText(code.name, i18n.t("login.code"));
      setText(name.name, i18n.t("login.name"));
      setText(password.name, i18n.t("login.new_password", { length: SHORTEST_PASSWORD }));
      setText(button, i18n.t("login.become"));
      button.disabled = session.busy;
    },
  };
}

function nameField(value) {
  return createField({ ...NAME, name: "username", required: true, autocomplete: "username", value });
}
