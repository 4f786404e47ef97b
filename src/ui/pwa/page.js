// What makes the page an app: the worker behind it, news of another build, the way into the home screen, and word of
// replies that end while nobody looks.
//
// A script of its own and not part of the WASM for two reasons: it has to work just when the page and its WASM do not
// fit together, and it is fetched only when the page has come to rest. The build takes out the lines that are comments
// alone. Must not enter: texts (they stand in `template#pwa`, in the page's language) and anything of a conversation.

const root = document.documentElement;
const texts = document.getElementById("pwa");
const worker = navigator.serviceWorker;
const MONTH = 30 * 24 * 3600;
const MINUTE = 60_000;

// Notices: at most one of each kind, in a region of their own behind the page.

let region;

function say(name) {
  const source = texts?.content.querySelector(`[data-pwa="${name}"]`);
  if (!source || region?.querySelector(`[data-pwa="${name}"]`)) return;
  if (!region) {
    region = document.createElement("aside");
    region.className = "pwa-notices";
    region.setAttribute("aria-label", texts.dataset.label);
    region.addEventListener("click", pressed);
    document.body.append(region);
  }
  const notice = source.cloneNode(true);
  // Empty first, so that the words are a change that screen readers tell.
  const words = notice.querySelector("p");
  const text = [...words.childNodes];
  words.replaceChildren();
  region.append(notice);
  setTimeout(() => words.replaceChildren(...text), 50);
  mark(name, true);
}

function unsay(name) {
  mark(name, false);
  region?.querySelector(`[data-pwa="${name}"]`)?.remove();
}

/** What stays for as long as there is no network has a place of its own in the page; the others float above it. */
function mark(name, shown) {
  if (name === "offline") root.toggleAttribute("data-cut", shown);
}

function pressed(event) {
  const button = event.target.closest("button");
  const name = button?.closest("[data-pwa]").dataset.pwa;
  if (!name) return;
  if (button.hasAttribute("data-dismiss")) dismissed(name);
  else ({ update: renew, offline: () => location.reload(), install, push: subscribe })[name]?.();
  unsay(name);
}

function dismissed(name) {
  // A new build is offered again with the next page; the other offers rest for a month.
  if (name !== "update") document.cookie = `pwa-${name}=later; Max-Age=${MONTH}; Path=/; SameSite=Lax`;
}

function isDismissed(name) {
  return document.cookie.includes(`pwa-${name}=later`);
}

// Storage may be forbidden altogether.
function stored(storage, key, value) {
  try {
    if (value === undefined) return self[storage].getItem(key);
    self[storage].setItem(key, value);
  } catch {}
  return null;
}

/** A page that came with its style sheet in it is followed by pages that name the file, and shall find it. */
function fetchSheet() {
  const address = document.querySelector("style[data-file]")?.dataset.file;
  if (address) self.fetch(address, { priority: "low" }).catch(() => {});
}

// Another build. Every answer of the server names its own.

let news;

const plainFetch = self.fetch;
self.fetch = async (...request) => {
  const response = await plainFetch(...request);
  compare(response);
  return response;
};

function compare(response) {
  const build = response.headers.get("x-build");
  if (!build || build === root.dataset.build || build === news) return;
  news = build;
  say("update");
}

/** Asks the server which build it is; whether it answered. */
async function ask() {
  try {
    return (await fetch("/sw.js", { method: "HEAD", cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** Nothing on the page would be lost: nothing typed, nothing open, nothing being written. */
function isQuiet() {
  const typed = [...document.querySelectorAll("textarea, input[type=text], input[type=email], input[type=password]")];
  return (
    !document.querySelector('dialog[open], :popover-open, [data-status="streaming"], [data-status="sending"]') &&
    typed.every((field) => field.value === field.defaultValue || !field.value.trim())
  );
}

/** The new build, because somebody asked for it. */
async function renew() {
  const waiting = (await worker?.getRegistration())?.waiting;
  if (!waiting) return location.reload();
  worker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("skipWaiting");
  // A worker that does not take over must not keep the new build away.
  setTimeout(() => location.reload(), 3000);
}

/** The new build, because nobody looks. Once for each: two builds behind one address must not make the page restless. */
function renewUnseen() {
  if (!document.hidden || !news || !isQuiet() || stored("sessionStorage", "renewed") === news) return;
  stored("sessionStorage", "renewed", news);
  location.reload();
}

// The network.

function reach() {
  if (navigator.onLine && !root.hasAttribute("data-kept")) unsay("offline");
  else say("offline");
}

async function returned() {
  if (!root.hasAttribute("data-kept")) return reach();
  // The page is what was kept of it; now there is a newer one.
  if ((await ask()) && isQuiet()) location.reload();
}

// Conversations for reading without a network. The worker keeps what it fetched for a visit; what was reached or went
// on without a new page it is told.

const CONVERSATION = /^\/chat\/[0-9a-f-]{36}$/;
const kept = new Map();

function extent() {
  const turns = document.querySelectorAll("article[data-role]");
  return `${turns.length} ${turns[turns.length - 1]?.dataset.status}`;
}

function keep() {
  const path = location.pathname;
  if (!CONVERSATION.test(path) || kept.get(path) === extent() || navigator.connection?.saveData) return;
  if (!navigator.onLine || root.hasAttribute("data-kept") || !worker?.controller) return;
  kept.set(path, extent());
  worker.controller.postMessage({ keep: path });
}

// The home screen.

const VISITS_BEFORE_THE_OFFER = 3;
const isApp = matchMedia("(display-mode: standalone), (display-mode: window-controls-overlay)").matches;

function visits() {
  let count = Number(stored("localStorage", "visits")) || 0;
  if (!stored("sessionStorage", "visit")) {
    stored("sessionStorage", "visit", "1");
    stored("localStorage", "visits", String(++count));
  }
  return count;
}

/** What this browser can do: `install` asks for itself, `ios` has to be explained. */
function wayHome() {
  if (isApp || navigator.standalone) return null;
  if (self.parlanceInstall) return "install";
  return navigator.standalone === false ? "ios" : null;
}

function offerInstall(asked) {
  const way = wayHome();
  root.toggleAttribute("data-installable", Boolean(way));
  if (way && (asked || (visits() >= VISITS_BEFORE_THE_OFFER && !isDismissed(way)))) say(way);
}

async function install() {
  const prompt = self.parlanceInstall;
  self.parlanceInstall = undefined;
  const { outcome } = (await prompt?.prompt()) ?? {};
  if (outcome === "dismissed") dismissed("install");
  root.removeAttribute("data-installable");
}

// Word of a reply that ends while nobody looks. Off where the server has no key for it.

const LONG = 20_000;
const key = texts?.dataset.key;
const canPush = Boolean(key && worker && self.PushManager && self.Notification);
let since = 0;

/** Offers it once a reply takes long. */
function offerPush() {
  const isRunning = document.querySelector('article[data-status="streaming"]');
  since = isRunning ? since || Date.now() : 0;
  if (!since || Date.now() - since < LONG || isDismissed("push")) return;
  if (Notification.permission === "default") say("push");
}

async function subscribe() {
  if (!canPush || (await Notification.requestPermission()) !== "granted") return;
  const { pushManager } = await worker.ready;
  await tell(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
}

async function tell(subscription) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/api/push/subscriptions", { method: "POST", headers, body: JSON.stringify(subscription) });
  root.toggleAttribute("data-push", answer.ok);
  if (!answer.ok) await subscription.unsubscribe();
}

/** The server forgets a subscription with the session that made it; a browser that has one tells it again. */
async function renewSubscription() {
  if (!canPush || Notification.permission !== "granted" || !document.querySelector("form.sign-out")) return;
  const subscription = await (await worker.ready).pushManager.getSubscription();
  if (!subscription || stored("sessionStorage", "push")) return;
  stored("sessionStorage", "push", "1");
  await tell(subscription);
}

// Signing out. Where the context is secure the server's answer empties all storage; elsewhere the page does it itself.

if (!self.isSecureContext) {
  addEventListener("submit", (event) => {
    if (event.target.matches?.("form.sign-out")) stored("sessionStorage", "leaving", "1");
  });
  if (stored("sessionStorage", "leaving") && !document.querySelector("form.sign-out")) {
    sessionStorage.clear();
    localStorage.clear();
    for (const { name } of (await indexedDB.databases?.().catch(() => [])) ?? []) indexedDB.deleteDatabase(name);
  }
}

// The page that the worker shows where there is no network and nothing kept: what can be read all the same.

async function listKept() {
  const list = document.getElementById("kept");
  for (const name of self.caches ? await caches.keys() : []) {
    if (!name.startsWith("read-")) continue;
    const cache = await caches.open(name);
    for (const request of (await cache.keys()).reverse()) {
      // The title alone: the page's styles are not allowed in here.
      const [title = ""] = /<title>[^<]*<\/title>/.exec(await (await cache.match(request)).text()) ?? [];
      const link = document.createElement("a");
      link.href = new URL(request.url).pathname;
      link.textContent = new DOMParser().parseFromString(title, "text/html").title.replace(/ · [^·]*$/, "");
      const item = document.createElement("li");
      item.append(link);
      list.append(item);
      list.parentElement.hidden = false;
    }
  }
}

/** The page comes first: what the worker fetches for later must not delay what the page still waits for. */
function settled() {
  return new Promise((resolve) => {
    const look = () => {
      if (root.hasAttribute("data-hydrated") || performance.now() > MINUTE / 3) resolve();
      else setTimeout(look, 200);
    };
    look();
  });
}

// From here on it runs.

addEventListener("online", returned);
addEventListener("offline", reach);

if (root.hasAttribute("data-offline")) {
  addEventListener("online", () => location.reload());
  await listKept();
} else {
  reach();
  fetchSheet();
  offerInstall(false);
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    self.parlanceInstall = event;
    offerInstall(false);
  });
  // Settings have a button for each.
  addEventListener("parlance:install", () => offerInstall(true));
  addEventListener("parlance:push", subscribe);

  document.addEventListener("visibilitychange", async () => {
    keep();
    if (document.hidden) return;
    navigator.clearAppBadge?.();
    await ask();
    (await worker?.getRegistration())?.update().catch(() => {});
  });
  setInterval(renewUnseen, MINUTE / 2);
  setInterval(() => root.hasAttribute("data-kept") && !document.hidden && returned(), MINUTE / 3);
  if (canPush) setInterval(offerPush, MINUTE / 12);

  if (worker && self.isSecureContext) {
    // What the worker itself fetched it has kept.
    if (worker.controller) kept.set(location.pathname, extent());
    self.navigation?.addEventListener("currententrychange", () => setTimeout(keep, 3000));
    worker.addEventListener("controllerchange", keep);
    await settled();
    try {
      const registration = await worker.register("/sw.js", { updateViaCache: "none" });
      registration.addEventListener("updatefound", ask);
      setInterval(() => registration.update().catch(() => {}), 60 * MINUTE);
      keep();
      await renewSubscription();
    } catch {
      // No worker, no reading without a network; everything else is as it was.
    }
  }
}
