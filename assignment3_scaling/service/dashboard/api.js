"use strict";
// Requests to the server this page came from, with the key of this tab.

const KEY = "scaling-api-key";

class Refused extends Error {
  // `status` as in HTTP, 0 where no answer came; `problems` has a {loc, msg} for each field that is wrong.
  constructor(status, message, problems = []) {
    super(message);
    this.status = status;
    this.problems = problems;
  }
}

async function ask(method, path, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { "X-API-Key": sessionStorage.getItem(KEY) ?? "", "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new Refused(0, "The server does not answer; trying again.");
  }
  const found = await answer.json().catch(() => null);
  if (answer.ok) return found;
  throw refusal(answer.status, found?.detail);
}

function refusal(status, detail) {
  if (Array.isArray(detail)) return new Refused(status, "The server refuses this.", detail);
  if (detail?.budget_summary) {
    const left = seconds(detail.budget_summary.remaining_seconds);
    return new Refused(status, `The longest this run may take is more than the ${left} s that are left.`);
  }
  return new Refused(status, typeof detail === "string" ? sentence(detail) : `The server answered ${status}.`);
}

// With a capital and a full stop, but for the name of a field, which is spelled as it is.
function sentence(text) {
  const first = /^[a-z]+( |$)/.test(text) ? text.charAt(0).toUpperCase() : text.charAt(0);
  return first + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

// A request that spends has a name until it is answered: sent again after a lost connection, it spends nothing more.
function once() {
  let body = "";
  let name = "";
  return {
    name(wanted) {
      if (wanted !== body) {
        body = wanted;
        const bytes = crypto.getRandomValues(new Uint8Array(16));
        name = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      }
      return name;
    },
    answered() {
      body = "";
    },
  };
}
