// The worker. The server writes `const BUILD = {…};` in front of it, so that the file changes with every build:
//   id        of the build
//   css, pwa  addresses of the style sheet and of the page's script
//   assets    everything to be there without a network, `/offline` among it
//   done      what a notification says, by language
//
// Caches: `app-{build}` holds the files of one build, all or none. `read-{person}` holds pages of conversations that this
// person has visited. Nothing else is kept, and nothing but pages and files is touched: the API, streams, forms and
// ranges go to the network as if there were no worker.

const APP = "app-" + BUILD.id;
const READ = "read-";
/** Pages of conversations that are kept. */
const MOST = 50;
/** Where there is a page to fall back on the network gets so long, milliseconds. */
const PATIENCE = 3000;
const CONVERSATION = /^\/chat\/[0-9a-f-]{36}$/;
/** Of another build: whatever names differ only in their hash. */
const STYLE = /\/pkg\/(?:main|chat-page|entrance-page)\.[0-9a-f]+\.css/g;
const SCRIPT = /\/pkg\/pwa\.[0-9a-f]+\.js/g;
const PRELOADS = /<link rel="(?:module)?preload"[^>]*>/g;
const BOOT = /<script\b[^>]*\bdata-boot\b[^>]*>[^]*?<\/script>/g;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

self.addEventListener("message", (event) => {
  if (event.data === "skipWaiting") self.skipWaiting();
  else if (event.data?.keep) event.waitUntil(keep(event.data.keep));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || request.headers.has("range")) return;
  if (request.mode === "navigate") {
    if (!/^\/(api|rpc|ws)\//.test(pathname)) event.respondWith(page(event, pathname));
  } else if (pathname.startsWith("/pkg/") || (pathname !== "/offline" && BUILD.assets.includes(pathname))) {
    event.respondWith(file(request));
  }
});

/** All files or none: a file that is missing later would be fetched from another build. */
async function install() {
  const cache = await caches.open(APP);
  // A hashed name never means anything else; the others may have changed behind the browser's own cache.
  const wanted = (url) => new Request(url, { cache: url.startsWith("/pkg/") ? "default" : "no-cache" });
  await cache.addAll(BUILD.assets.map(wanted));
}

/** Open pages may still be of the build before, and fetch parts of it: it stays for one generation. */
async function activate() {
  const others = (await caches.keys()).filter((name) => name.startsWith("app-") && name !== APP);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function file(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

/** Network first, then what was kept of the conversation, then the page that says so. */
async function page(event, path) {
  const network = load(event.request, path);
  event.waitUntil(network.then(({ told }) => told).catch(() => {}));
  const kept = CONVERSATION.test(path) ? await find(path) : undefined;
  try {
    const { response } = await (kept ? Promise.race([network, tooLate()]) : network);
    return response;
  } catch (error) {
    if (kept) return shown(kept);
    const offline = await caches.match("/offline", { ignoreVary: true });
    if (offline) return offline;
    throw error;
  }
}

function tooLate() {
  return new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("the network is slow")));
}

/** The server's answer; `told` is settled when all that follows from it is done. */
async function load(request, path) {
  const response = await fetch(request);
  // A proxy's word for a server that is not there.
  if (response.status >= 500 && !response.headers.has("x-build")) throw new Error(`status ${response.status}`);
  return { response, told: remember(path, response.clone()) };
}

/** Keeps a page that was shown, for the person it was shown to, and forgets what belongs to anybody else. */
async function remember(path, response) {
  // Not ours: a hotel's sign-in page says nothing about who is signed in here. Redirects are opaque.
  if (!response.headers.has("x-build")) return;
  const reader = response.headers.get("x-reader");
  for (const name of await caches.keys()) {
    if (name.startsWith(READ) && name !== READ + reader) await caches.delete(name);
  }
  if (!reader || !CONVERSATION.test(path)) return;
  const cache = await caches.open(READ + reader);
  // Deleted first, so that the order of the keys is the order of the visits.
  if (response.ok || response.status === 404) await cache.delete(path);
  if (!response.ok || !response.headers.get("content-type")?.startsWith("text/html")) return;
  await cache.put(path, response);
  const oldest = (await cache.keys()).slice(0, -MOST);
  await Promise.all(oldest.map((request) => cache.delete(request)));
}

/** Fetches a conversation that was reached, or went on, without a new page. */
async function keep(path) {
  if (!CONVERSATION.test(path)) return;
  try {
    const response = await fetch(path, { headers: { accept: "text/html" }, redirect: "manual" });
    await remember(path, response);
  } catch {
    // Then what was kept before stays.
  }
}

async function find(path) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(READ)) continue;
    const found = await (await caches.open(name)).match(path, { ignoreVary: true });
    if (found) return found;
  }
}

/** A kept page, marked as one. Without the files of its build it stays still, and where its style was one
    of them it is shown with today's. */
async function shown(kept) {
  let html = await kept.text();
  const build = /\bdata-build="([^"]*)"/.exec(html)?.[1];
  let mark = "data-kept";
  if (!(await caches.has("app-" + build))) {
    mark += ' data-still=""';
    html = html.replace(PRELOADS, "").replace(BOOT, "").replace(STYLE, BUILD.css).replace(SCRIPT, BUILD.pwa);
  }
  const headers = new Headers(kept.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(html.replace("<html ", `<html ${mark} `), { headers });
}

// Word of a reply that ended.

self.addEventListener("push", (event) => event.waitUntil(told(event.data?.json() ?? {})));
self.addEventListener("notificationclick", (event) => event.waitUntil(opened(event.notification)));

function windows() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}

async function told({ id, title }) {
  const path = `/chat/${id}`;
  const isSeen = (window) => window.visibilityState === "visible" && new URL(window.url).pathname === path;
  if (!CONVERSATION.test(path) || (await windows()).some(isSeen)) return;
  const language = navigator.language.startsWith("zh") ? "zh" : "en";
  await self.registration.showNotification(title, {
    body: BUILD.done[language],
    // One for each conversation.
    tag: id,
    icon: "/icons/icon-192.png",
    badge: "/icons/monochrome-96.png",
    data: { path },
  });
  const unread = await self.registration.getNotifications();
  await navigator.setAppBadge?.(unread.length);
}

/** Goes to the conversation: in a window that shows it, in any other, in a new one. */
async function opened(notification) {
  notification.close();
  const { path } = notification.data;
  const open = await windows();
  const here = open.find((window) => new URL(window.url).pathname === path);
  if (here) return here.focus();
  for (const window of open) {
    try {
      await window.navigate(path);
      return await window.focus();
    } catch {
      // A page that this worker does not control, or that may not be focused.
    }
  }
  await self.clients.openWindow(path);
}
