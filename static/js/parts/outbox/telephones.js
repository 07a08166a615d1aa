/** The relatives' telephones: bubbles, mails and ringing calls as they would arrive. Text from people stays text. */

const LOOK_MILLISECONDS = 600;
const PATIENCE_MILLISECONDS = 5000;
const UNDER = { voice: 2, sms: 1, email: 0 };
const TOGETHER_SECONDS = 4;
const KEYS = [["1", "take"], ["2", "repeat"], ["9", "decline"]];

/**
 * @typedef {{number: number, contact: number, channel: "sms" | "voice" | "email", delivery: string, language: string,
 *   subject: string, text: string, link: string, prompt: string, at: number}} Entry
 */

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 */
function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

/**
 * The text with our own link, and nothing else, to tap.
 * @param {Entry} entry
 */
function body(entry) {
  const paragraph = element("p", "text");
  paragraph.lang = entry.language;
  const at = entry.link ? entry.text.indexOf(entry.link) : -1;
  if (at < 0) {
    paragraph.textContent = entry.text;
    return paragraph;
  }
  const link = document.createElement("a");
  link.href = entry.link;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = entry.link;
  paragraph.append(entry.text.slice(0, at), link, entry.text.slice(at + entry.link.length));
  return paragraph;
}

/** @param {Entry} entry */
function time(entry) {
  const when = new Date(entry.at * 1000);
  const made = document.createElement("time");
  made.dateTime = when.toISOString();
  made.textContent = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return made;
}

/**
 * @param {string} text
 * @param {string} language
 */
function speak(text, language) {
  if (!("speechSynthesis" in window)) {
    return;
  }
  const spoken = new SpeechSynthesisUtterance(text);
  spoken.lang = language === "en" ? "en-GB" : "fr-FR";
  window.speechSynthesis.cancel();
  window.speechSynthesis.speak(spoken);
}

/**
 * Oldest first; of what came together the call last, because the last one shown lies on top.
 * @param {Entry[]} entries
 */
function inTheirPlaces(entries) {
  /** @param {Entry} entry */
  const moment = (entry) => Math.floor(entry.at / TOGETHER_SECONDS);
  return [...entries].sort((a, b) => moment(a) - moment(b) || UNDER[a.channel] - UNDER[b.channel]
    || a.number - b.number);
}

/** @param {Record<string, string>} words */
export function telephones(words) {
  const found = document.getElementById("telephones");
  const lost = document.getElementById("lost");
  const token = document.querySelector("#csrf input[name=csrfmiddlewaretoken]");
  if (!found || !lost || !(token instanceof HTMLInputElement)) {
    throw new Error("the page is not whole");
  }
  const box = found;
  const csrf = token.value;
  let after = 0;
  let fresh = false;

  /**
   * @param {Entry} entry
   * @param {string} key
   * @param {HTMLElement} card
   */
  async function press(entry, key, card) {
    const address = (box.dataset["keys"] ?? "").replace("00000000-0000-0000-0000-000000000000", entry.delivery);
    const answer = await fetch(address, {
      method: "POST",
      headers: { "X-CSRFToken": csrf },
      body: new URLSearchParams({ key }),
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    }).catch(() => null);
    const said = card.querySelector(".answer");
    if (!(said instanceof HTMLElement)) {
      return;
    }
    if (!answer?.ok) {
      said.textContent = words["lost"] ?? "";
      return;
    }
    const heard = await answer.json();
    said.lang = heard.language;
    said.textContent = heard.text;
    speak(`${heard.text} ${heard.prompt}`, heard.language);
    card.classList.toggle("ringing", false);
    card.classList.toggle("over", !heard.again);
    for (const button of card.querySelectorAll("button")) {
      button.disabled = !heard.again;
    }
  }

  /** @param {Entry} entry */
  function call(entry) {
    const card = element("article", fresh ? "call ringing" : "call");
    const head = element("p", "what", words["call"]);
    head.append(" ", time(entry));
    const listen = element("button", "listen", words["listen"]);
    listen.setAttribute("type", "button");
    listen.addEventListener("click", () => {
      card.classList.remove("ringing");
      speak(`${entry.text} ${entry.prompt}`, entry.language);
    });
    const prompt = element("p", "visually-hidden", entry.prompt);
    prompt.lang = entry.language;
    const keys = element("div", "keys");
    for (const [key = "", meaning = ""] of KEYS) {
      const button = element("button", "key");
      button.setAttribute("type", "button");
      button.append(element("strong", "", key), element("span", "", words[meaning]));
      button.addEventListener("click", () => press(entry, key, card));
      keys.append(button);
    }
    const answer = element("p", "answer");
    answer.setAttribute("role", "status");
    card.append(head, body(entry), listen, ...(entry.prompt ? [prompt, keys, answer] : []));
    return card;
  }

  /** @param {Entry} entry */
  function text(entry) {
    const card = element("article", "bubble");
    const head = element("p", "what", words["sms"]);
    head.append(" ", time(entry));
    card.append(head, body(entry));
    return card;
  }

  /** @param {Entry} entry */
  function mail(entry) {
    const card = element("details", "mail");
    const head = element("summary", "");
    const what = element("span", "what", words["mail"]);
    what.append(" ", time(entry));
    const subject = element("span", "subject", entry.subject);
    subject.lang = entry.language;
    head.append(what, subject);
    card.append(head, body(entry));
    return card;
  }

  /** @param {Entry} entry */
  function show(entry) {
    const telephone = box.querySelector(`[data-contact="${Number(entry.contact)}"]`);
    const screen = telephone?.querySelector(".screen");
    if (!screen) {
      return;
    }
    screen.querySelector(".nothing")?.remove();
    const card = { voice: call, sms: text, email: mail }[entry.channel](entry);
    card.classList.toggle("new", fresh);
    screen.prepend(card);
  }

  async function look() {
    const answer = await fetch(`${box.dataset["messages"]}?after=${after}`, {
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    }).catch(() => null);
    if (lost) {
      lost.textContent = answer?.ok ? "" : words["lost"] ?? "";
    }
    if (answer?.ok) {
      const { entries, number } = await answer.json();
      inTheirPlaces(entries).forEach(show);
      after = Math.max(after, number);
      fresh = true;
    }
    setTimeout(look, LOOK_MILLISECONDS);
  }
  look();
}
