// What the pages do beyond plain links and forms: change as the world does, count down, and wait in line.
// Without it everything still works. All sentences come from the page; see <template id="words">.

const words = document.getElementById("words").dataset;
const language = document.documentElement.lang;
const status = document.getElementById("status");
const line = document.getElementById("line");
const lost = document.getElementById("connection");
const unheard = document.getElementById("unheard");

const LINE_MAX_S = 120; // after so long in line the reader is asked whether to go on
const ANNOUNCED_S = [600, 300, 120, 60, 30, 10];
const LOW_S = 60;
const AGAIN_MIN_MS = 3000, AGAIN_SPREAD_MS = 2000; // until a page that could not be fetched is asked for again
const RESET_SPREAD_MS = 3000; // all pages hear of a reset in the same instant, and must not all come at once
const PAGE_MAX_S = 20, ANSWER_MAX_S = 40; // how long the reader waits for a page, and for the answer to a form
const LEAVE_MAX_S = 10; // until a page that was to be left is taken for one whose reader stopped that
const SILENCE_MAX_S = 40; // the server says something every 15 s; longer silence is a connection that died without a word

let main = document.getElementById("main");
let came = essence(main); // what is shown as it came, before anything here changed it
let serverAhead = new Date(main.dataset.now) - Date.now(); // milliseconds that the server's clock is ahead of ours
let stream = null;
let heardAt = Date.now();
let known = main.dataset.since; // up to where in history this page knows what happened

const ownList = ":is(.rows, .empty)[data-refresh]"; // one's orders or listings, also if there are none

const say = (sentence) => { status.textContent = sentence; };
const serverNow = () => Date.now() + serverAhead;
const money = new Intl.NumberFormat(language === "en" ? "en-US" : language, { style: "currency", currency: "USD" });
const readerOf = (page) => page.querySelector("header .email")?.textContent;

function within(seconds, signal) {
  // A signal that aborts after so long, or with the other one.
  const limit = new AbortController();
  setTimeout(() => limit.abort(), seconds * 1000);
  signal?.addEventListener("abort", () => limit.abort());
  return limit.signal;
}

function duration(seconds) {
  const unit = seconds >= 60 ? "minute" : "second";
  const count = unit === "minute" ? Math.round(seconds / 60) : seconds;
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
}

// --- Live: what the stream says -------------------------------------------------------------------------------------

function connect() {
  if (main.dataset.watch === undefined || document.hidden) return disconnect();
  stream?.close(); // that it is lost stays said until the next one says hello
  const query = new URLSearchParams({ tickets: main.dataset.watch, ...(known && { after: known }) });
  let missed = !known; // nobody kept up with history when the page was made: what came between is not in the stream
  stream = new EventSource(`/api/stream?${query}`);
  heardAt = Date.now();
  hear("hello", ({ now }) => {
    serverAhead = new Date(now) - Date.now();
    lost.hidden = true;
    if (missed) refresh();
    missed = false;
  });
  hear("ticket", showTicket);
  hear("order", showOrder);
  hear("reset", () => refreshIn(Math.random() * RESET_SPREAD_MS));
  hear("beat", () => {});
  stream.addEventListener("error", () => {
    // It comes back by itself after an end; only what was refused does not.
    if (stream?.readyState === EventSource.CLOSED) setTimeout(connect, 2000 + Math.random() * 3000);
    setTimeout(() => { if (stream) lost.hidden = stream.readyState === EventSource.OPEN; }, 5000);
  });
}

function hear(name, act) {
  stream.addEventListener(name, (event) => {
    known = event.lastEventId || known;
    heardAt = Date.now();
    const news = JSON.parse(event.data);
    // What is about a version can be heard twice, and only the newer counts; what time it is cannot.
    if (news.version !== undefined && (refreshing || isSending())) heard.push(() => act(news));
    act(news);
  });
}

function disconnect() {
  stream?.close();
  stream = null;
  lost.hidden = true;
}

function showTicket(ticket) {
  for (const shown of main.querySelectorAll(`[data-ticket="${CSS.escape(ticket.id)}"]`)) {
    if (Number(shown.dataset.version) >= ticket.version) continue;
    // Who is being answered may be the one who took it: that answer, or the reader, decides when to say so.
    if (ticket.state !== shown.dataset.state && shown.querySelector("form[data-sending]")) continue;
    if (shown.closest("[data-refresh]")) return void refresh();
    shown.dataset.version = ticket.version;
    const before = shown.dataset.state, offer = offerOn(shown);
    shown.dataset.state = ticket.state;
    shown.dataset.changed = "";
    setTimeout(() => delete shown.dataset.changed, 1000);
    shown.querySelector("[data-label]").textContent = words[ticket.state];
    showPrice(shown, ticket);
    const title = shown.querySelector("[data-title]");
    if (title && title.textContent !== ticket.title) showTitle(title, ticket.title);
    showParts(shown, ticket.state);
    if (!("announce" in shown.dataset)) continue;
    if (before !== ticket.state) say({ available: words.back, reserved: words.taken, sold: words.gone }[ticket.state]);
    else if (offer !== offerOn(shown)) sayOffer(ticket);
  }
}

function offerOn(shown) {
  return Array.from(shown.querySelectorAll("[data-title], [data-price]"), (part) => part.textContent).join("\n");
}

function sayOffer({ title, price }) {
  // The title comes last, and by a function: what a seller writes is no placeholder, whatever it looks like.
  say(words.altered.replace("{price}", () => money.format(price)).replace("{title}", () => title));
}

function showTitle(title, now) {
  const before = `${title.textContent} · `; // so begins the window's title, too, where the whole page is about this ticket
  if (document.title.startsWith(before)) document.title = `${now} · ${document.title.slice(before.length)}`;
  title.textContent = now;
}

function showParts(shown, state) {
  const focused = document.activeElement;
  for (const part of shown.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
  if (shown.contains(focused) && focused.closest("[hidden]")) main.focus({ preventScroll: true });
}

function showPrice(shown, ticket) {
  for (const part of shown.querySelectorAll("[data-price]")) part.textContent = money.format(ticket.price);
  for (const part of shown.querySelectorAll("[data-cents]")) part.value = Math.round(ticket.price * 100);
}

function showOrder(order) {
  const shown = main.querySelector(`[data-order="${CSS.escape(order.id)}"]`);
  const isAbout = main.querySelector(`${ownList}, [data-announce][data-ticket="${CSS.escape(order.ticket.id)}"]`);
  if (shown ? Number(shown.dataset.version) < order.version : isAbout) refresh();
}

let refreshing = null;
let again = false;
let heard = []; // since the page that is being fetched was asked for, or the form sent: what comes may be older than that
let later = 0;

const isSending = () => main.querySelector("form[data-sending]") !== null;

function hearAgain() {
  if (refreshing || isSending()) return;
  const missed = heard;
  heard = [];
  for (const act of missed) act();
  if (again && !refreshing) refreshIn(200);
}

function refreshIn(milliseconds) {
  clearTimeout(later);
  later = setTimeout(refresh, milliseconds);
}

async function refresh() {
  // One at a time, and none while a form is sent, which stays as it is; whatever changes meanwhile is fetched afterwards.
  if (refreshing || isSending()) { again = true; return refreshing; }
  clearTimeout(later);
  again = false;
  const asked = main;
  refreshing = fetch(main.dataset.here, { headers: { Accept: "text/html" }, signal: within(PAGE_MAX_S) })
    .then(async (response) => {
      if (response.status >= 500) throw new Error(`the office answers ${response.status}`);
      if (response.redirected) return location.assign(response.url); // signed out meanwhile: the header is another, too
      const html = await response.text();
      if (isSending()) again = true;
      else if (response.ok && main === asked) show(html, false); // else there was an answer meanwhile, which is to be read
    })
    .catch(() => {
      again = false;
      refreshIn(AGAIN_MIN_MS + Math.random() * AGAIN_SPREAD_MS);
    })
    .finally(() => {
      refreshing = null;
      hearAgain();
    });
  return refreshing;
}

function show(html, isAnswer) {
  // Put a page's content in place of what is shown; whether it was a page of ours.
  const page = new DOMParser().parseFromString(html, "text/html");
  const next = page.getElementById("main");
  if (!next) return false;
  const isOthers = readerOf(page) !== readerOf(document); // of who signed in or out in another tab, or whose session is over
  if (!isAnswer && (isOthers || page.documentElement.lang !== language)) return location.reload(); // all of it is another
  const fresh = essence(next);
  if (!isAnswer && fresh === came) return stay(next);
  came = fresh;
  const focused = main.contains(document.activeElement) ? document.activeElement : null;
  const said = main.querySelector("[data-said]")?.textContent;
  const watched = main.dataset.watch;
  if (!isAnswer) keep(next);
  if (isOthers) document.querySelector("header").replaceWith(document.adoptNode(page.querySelector("header")));
  main.replaceWith(document.adoptNode(next));
  main = next;
  known = main.dataset.since || known;
  document.title = page.title;
  dress();
  if (isAnswer) (main.querySelector(".problems, [aria-invalid]") ?? main).focus();
  // The focus stays where it was; where that is gone it stays in the content, not at the top of the window.
  else if (focused) (main.querySelector(`[id="${focused.id}"]`) ?? main).focus({ preventScroll: true });
  const news = main.querySelector("[data-said]")?.textContent;
  if (!isAnswer && news && news !== said) say(news);
  if (main.dataset.watch !== watched) connect();
  return true;
}

function stay(next) {
  // Nothing has changed, so nothing moves: no selection is lost, nor where a screen reader is. It is true for longer now.
  main.dataset.now = next.dataset.now;
  if ("since" in next.dataset) main.dataset.since = next.dataset.since;
  known = main.dataset.since || known;
  lookAgain();
  return true;
}

function essence(page) {
  // All of a page's content but what differs each time it is made.
  const same = page.cloneNode(true);
  for (const name of ["data-now", "data-since"]) same.removeAttribute(name);
  for (const field of same.querySelectorAll("[name=csrf], [name=key]")) field.removeAttribute("value");
  return same.outerHTML;
}

const isChanged = (field) => field.options
  ? [...field.options].some((each) => each.selected !== each.defaultSelected)
  : field.value !== field.defaultValue || field.checked !== field.defaultChecked;

function keep(next) {
  // What the reader did to a page outlasts its refresh: what is open, and what they have typed or chosen.
  for (const open of main.querySelectorAll("details[open]")) next.querySelector(`#${open.id}`)?.setAttribute("open", "");
  for (const field of main.querySelectorAll("input[id], select[id]")) {
    const same = next.querySelector(`#${field.id}`);
    if (same && isChanged(field)) { same.value = field.value; same.checked = field.checked; }
  }
}

function setAside() {
  // Choosing another language loads the page anew: what was typed or chosen is there again afterwards, passwords excepted.
  const isAnswer = main.querySelector(".problems, [aria-invalid]") !== null; // its fields came with what was typed
  const fields = [...main.querySelectorAll("input[id]:not([type=password]), select[id]")];
  const typed = fields.filter((field) => isAnswer || isChanged(field)).map(({ id, value, checked }) => ({ id, value, checked }));
  inStorage((storage) => storage.setItem("typed", JSON.stringify({ here: main.dataset.here, typed })));
}

function takeUp() {
  const kept = inStorage((storage) => storage.getItem("typed"));
  inStorage((storage) => storage.removeItem("typed"));
  const { here, typed } = JSON.parse(kept ?? "{}");
  if (here !== main.dataset.here) return;
  for (const { id, value, checked } of typed) Object.assign(main.querySelector(`#${id}`) ?? {}, { value, checked });
}

function inStorage(act) {
  try { return act(sessionStorage); } catch { return null; } // some browsers may store nothing, and say so by an error
}

// --- Time -----------------------------------------------------------------------------------------------------------

function dress() {
  // What only the browser knows: the reader's time zone, and whether scripts run.
  const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  for (const time of main.querySelectorAll("time[data-local]")) time.textContent = format.format(new Date(time.dateTime));
  lookAgain();
  tick();
}

let unsettled = 0;

function lookAgain() {
  // A ticket says that it is reserved a moment before its order exists; of that, and of refunds, only buyers are told.
  clearTimeout(unsettled);
  if (document.hidden) return; // it begins again when somebody looks
  const waits = [...main.querySelectorAll("[data-unsettled]")].map((shown) => Number(shown.dataset.unsettled));
  if (waits.length) unsettled = setTimeout(refresh, Math.min(...waits) * 1000);
}

let lastLeft = Infinity;

function tick() {
  if (stream && Date.now() - heardAt > SILENCE_MAX_S * 1000) connect();
  const shown = main.querySelector("[data-deadline]");
  if (!shown) { lastLeft = Infinity; return; }
  const left = Math.max(0, Math.ceil((new Date(shown.dataset.deadline) - serverNow()) / 1000));
  const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  if (shown.textContent !== text) shown.textContent = text;
  shown.toggleAttribute("data-low", left <= LOW_S);
  const passed = ANNOUNCED_S.find((mark) => left <= mark && mark < lastLeft);
  if (passed !== undefined && left > 0 && lastLeft !== Infinity) say(words.left.replace("{time}", duration(left)));
  if (left === 0 && lastLeft > 0) { say(words.over); setTimeout(refresh, 1500); }
  lastLeft = left;
}

// --- Forms: one at a time, and in line when there is a crowd --------------------------------------------------------

let inLine = new AbortController();
const sentOf = new WeakMap(); // of each form: what was last sent of it, and whether the office may have acted on that

const wait = (milliseconds, signal) => new Promise((resolve) => {
  setTimeout(resolve, milliseconds);
  signal.addEventListener("abort", resolve);
});
const newKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
};

async function send(form, submitter) {
  const action = submitter?.getAttribute("formaction") ?? form.action;
  const sent = heldBy(form, submitter);
  const end = Date.now() + LINE_MAX_S * 1000;
  unheard.hidden = true;
  leaveLine(); // there is one line, and one button that leaves it: whoever sends another form waits for that one
  inLine = new AbortController();
  const { signal } = inLine;
  for (let tries = 0; ; tries += 1) {
    const response = await attempt(action, sent, signal);
    if (signal.aborted) return;
    if (Date.now() > end || (response && ![500, 502, 503, 504].includes(response.status))) {
      form.dataset.sending = ""; // in line no longer
      return response ? answered(response, signal) : giveUp();
    }
    form.dataset.sending = "line";
    await stand(Number(response?.headers.get("Retry-After")) || Math.min(2 ** tries, 8), signal);
    if (signal.aborted) return;
  }
}

function heldBy(form, submitter) {
  // What a form holds now. Where that has changed it is another request, with another key; but not where the office may have
  // acted on the earlier one: by the same key it then says so.
  const before = sentOf.get(form);
  const body = new URLSearchParams(new FormData(form, submitter));
  const isAnew = before && !before.isDoubtful && before.body !== String(body) && body.has("key");
  if (isAnew) body.set("key", form.elements.key.value = newKey());
  const sent = { body: String(body), isDoubtful: !isAnew && (before?.isDoubtful ?? false) };
  sentOf.set(form, sent);
  return sent;
}

async function attempt(action, sent, signal) {
  // The answer, or null for none: then the same form goes again, and its key sees to it that nothing happens twice.
  const before = sent.isDoubtful;
  sent.isDoubtful = true; // until an answer says that nothing was done
  const headers = { "Content-Type": "application/x-www-form-urlencoded", "X-Boxoffice-Script": "1", Accept: "text/html" };
  try {
    const response = await fetch(action, { method: "POST", body: sent.body, signal: within(ANSWER_MAX_S, signal), headers });
    if (isRefused(response)) sent.isDoubtful = before;
    return response;
  } catch {
    return null;
  }
}

function isRefused({ status, headers }) {
  return status === 503 ? headers.get("X-Outcome") !== "unknown" : status >= 400 && status < 500;
}

async function stand(seconds, signal) {
  // The seconds are for the eye; said aloud is once that there is a line. Without a network nobody has heard of it.
  const sentences = () => navigator.onLine ? words.line : words.away;
  if (line.hidden) say(sentences().replace("{time}", duration(seconds)));
  line.hidden = false;
  const sentence = line.querySelector("[data-line]");
  for (let left = seconds; left > 0; left -= 1) {
    sentence.textContent = sentences().replace("{time}", duration(left));
    await wait(1000, signal);
    if (signal.aborted) return;
  }
  sentence.textContent = words.trying;
}

function leaveLine() {
  inLine.abort();
  line.hidden = true;
}

function giveUp() {
  // No answer, or one that is no page of ours, as a proxy gives it.
  line.hidden = true;
  unheard.hidden = false;
}

async function answered(response, signal) {
  line.hidden = true;
  const place = response.headers.get("X-Location");
  if (place) return leave(place);
  const html = await response.text().catch(() => "");
  if (signal.aborted) return;
  if (!show(html, true)) return giveUp();
  clearTimeout(later); // the answer is as fresh as what was to be fetched
  again = false;
}

function leave(place) {
  // The form stays as it is while the next page loads; it is over when the reader comes back to this one, or never left.
  disconnect(); // what it says from now on is for the page that comes
  heard = [];
  location.assign(place);
  return new Promise((resolve) => {
    window.addEventListener("pageshow", (event) => { if (event.persisted) resolve(); });
    setTimeout(resolve, LEAVE_MAX_S * 1000);
  }).then(connect);
}

const works = new WeakMap(); // of each form that is being sent: how its button is freed, and when it is over

async function submitted(event) {
  const { target: form, submitter } = event;
  if (form.method !== "post") return;
  event.preventDefault();
  if (form.dataset.sending === "") return;
  form.dataset.sending = "";
  if (form.matches(".languages")) setAside();
  const before = works.get(form);
  if (before) { // it is in line, and what it holds now is to be sent instead
    leaveLine();
    await before.over;
  }
  const free = occupy(submitter);
  works.set(form, { free, over: carryOut(form, submitter, free) });
}

async function carryOut(form, submitter, free) {
  form.dataset.sending = "";
  try {
    await send(form, submitter);
  } finally {
    free();
    works.delete(form);
    delete form.dataset.sending;
    hearAgain();
  }
}

function occupy(button) {
  // Make a button busy; what comes back makes it usable again.
  const label = document.createElement("span"); // what the button says stays in it, and goes on to change as the price does
  label.append(...(button?.childNodes ?? []));
  button?.append(label);
  button?.setAttribute("aria-disabled", "true");
  const slow = setTimeout(() => {
    label.hidden = true;
    button?.append(words.working);
    if (line.hidden) say(words.working); // else it would talk over what was just said of the line
  }, 300);
  return () => {
    clearTimeout(slow);
    if (!label.parentNode) return; // it is usable already
    button.replaceChildren(...label.childNodes);
    button.removeAttribute("aria-disabled");
  };
}

function corrected(event) {
  // Who changes a form in line may send it as it is now.
  const form = event.target.form;
  if (form?.dataset.sending === "line") works.get(form)?.free();
}

function gaveUp() {
  // The button that is gone in a moment must not take the focus with it: it goes where the line began.
  document.querySelector("form[data-sending=line] button")?.focus();
  leaveLine();
}

function cameBack(event) {
  // What its forms did then is done: they get new keys, so it is put in place even if nothing else is new.
  if (!event.persisted) return;
  came = "";
  refresh();
  connect();
}

function lookedAt() {
  // Or no longer. Of what its reader did elsewhere meanwhile a list of their own is not told: it does not watch what is new.
  connect();
  lookAgain();
  if (!document.hidden && main.querySelector(ownList)) refresh();
}

document.addEventListener("input", corrected);
document.addEventListener("submit", submitted);
line.querySelector("[data-give-up]").addEventListener("click", gaveUp);
window.addEventListener("pageshow", cameBack);
window.addEventListener("pagehide", disconnect);
// A browser has few connections to one site: a page that nobody looks at gives its own to those that are looked at.
document.addEventListener("visibilitychange", lookedAt);
// A connection does not notice that its network is gone, nor that there is another one now; the browser does.
window.addEventListener("offline", () => { disconnect(); lost.hidden = main.dataset.watch === undefined; });
window.addEventListener("online", connect);
setInterval(tick, 250);
takeUp();
dress();
connect();
const waiting = main.querySelector("form[data-again]"); // a page that was reached before this script could wait in line
if (waiting) setTimeout(() => waiting.requestSubmit(), waiting.dataset.again * 1000);
