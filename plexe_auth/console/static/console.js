// What a page cannot do by itself: copy a secret, take a token out of the address, ask for a passkey.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const told = button.parentElement.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText.trim());
      told.textContent = "Copied.";
    } catch {
      told.textContent = "Your browser does not let us copy it; please select it.";
    }
  });
}

// Going back must not show a secret again, even where a browser keeps whole pages.
addEventListener("pagehide", () => document.querySelectorAll("[data-secret]").forEach((one) => one.replaceChildren()));
addEventListener("pageshow", (event) => { if (event.persisted && document.querySelector("[data-secret]")) location.reload(); });

// The token of a letter's link stands in the fragment, which no server sees: take it out of the address, into the form.
const field = document.querySelector("input[data-token]");
if (field) {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    field.value = token;
    history.replaceState(null, "", location.pathname + location.search);
  }
  document.querySelectorAll("[data-without-token]").forEach((one) => { one.hidden = Boolean(field.value); });
  document.querySelectorAll("[data-with-token]").forEach((one) => { one.hidden = !field.value; });
}

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function read(options) {
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = known(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = known(options.allowCredentials);
  return read;
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = form.querySelector("[role=alert]");
    told.hidden = true;
    try {
      const begun = await fetch(form.dataset.begin, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } });
      if (!begun.ok || begun.redirected) throw new Error("It cannot be done now. Please load this page again.");
      const { options, id } = await begun.json();
      const ask = { publicKey: read(options) };
      const credential = await (form.dataset.passkey === "create" ? navigator.credentials.create(ask) : navigator.credentials.get(ask));
      form.elements.response.value = written(credential);
      if (id) form.elements.enrolment.value = id;
      form.submit();
    } catch (error) {
      told.textContent = error.name === "NotAllowedError" ? "No passkey was used." : error.message;
      told.hidden = false;
    }
  });
}
