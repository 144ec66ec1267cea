/* Beforehand: page views, clicks on elements with data-bh-event, and events of your own. Nothing is stored before consent(true). */
(() => {
  const script = document.currentScript, {key, before = "memory"} = script.dataset;
  const host = script.dataset.host || new URL(script.src).origin, shelf = "beforehand";
  const early = Array.isArray(window.beforehand) ? window.beforehand : [];
  const uuid = () => crypto.randomUUID ? crypto.randomUUID()
    : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, c => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16));
  let queue = [], timer, path, me, agreed;
  try { me = JSON.parse(localStorage.getItem(shelf)); } catch { /* no storage here */ }
  agreed = !!me;
  me = me || {anonymousId: uuid()};

  const keep = () => { try { agreed ? localStorage.setItem(shelf, JSON.stringify(me)) : localStorage.removeItem(shelf); } catch { /* no storage here */ } };
  const campaign = () => {
    const found = {};
    new URLSearchParams(location.search).forEach((value, name) => { if (name.startsWith("utm_")) found[name.slice(4)] = value; });
    return found;
  };
  const send = (type, more) => {
    if (!agreed && before === "nothing") return;
    queue.push({
      type, messageId: uuid(), timestamp: new Date().toISOString(), anonymousId: me.anonymousId, userId: me.userId, ...more,
      context: {library: {name: "beforehand.js"}, locale: navigator.language, campaign: campaign(), identityToken: me.token,
        page: {path: location.pathname, title: document.title, referrer: document.referrer}},
    });
    if (queue.length > 19) flush(); else timer = timer || setTimeout(flush, 1000);
  };
  const flush = () => {
    clearTimeout(timer); timer = 0;
    while (queue.length) {
      const part = queue.splice(0, 20), url = host + "/v1/b";
      const body = JSON.stringify({writeKey: key, sentAt: new Date().toISOString(), batch: part});
      if (navigator.sendBeacon && navigator.sendBeacon(url, body)) continue;
      fetch(url, {method: "POST", body, keepalive: body.length < 6e4, credentials: "omit"})
        .then(answer => { if (answer.status === 429 || answer.status > 499) throw answer; })
        .catch(() => { queue.unshift(...part.slice(0, 500 - queue.length)); timer = timer || setTimeout(flush, 9000); });
      if (!navigator.onLine) break;
    }
  };
  const page = properties => { path = location.pathname; send("page", {properties}); };
  const moved = () => { if (location.pathname !== path) page(); };
  const api = {
    page, flush,
    track: (event, properties) => send("track", {event, properties}),
    identify: (userId, traits, token) => { me = {...me, userId, token}; keep(); send("identify", {traits}); },
    group: (groupId, traits) => send("group", {groupId, traits}),
    consent: yes => { agreed = !!yes; if (!yes) { queue = []; me = {anonymousId: uuid()}; } keep(); },
    anonymousId: () => agreed || before !== "nothing" ? me.anonymousId : undefined,
    reset: () => { me = {anonymousId: uuid()}; keep(); },
  };

  addEventListener("click", event => {
    const element = event.target.closest && event.target.closest("[data-bh-event]");
    if (!element) return;
    const {bhEvent, ...rest} = element.dataset, properties = {};
    for (const name in rest) if (/^bh[A-Z]/.test(name)) properties[name[2].toLowerCase() + name.slice(3)] = rest[name];
    api.track(bhEvent, properties);
  }, true);
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => { if (document.hidden) flush(); });
  const push = history.pushState;
  history.pushState = function (...to) { push.apply(this, to); moved(); };
  addEventListener("popstate", moved);
  window.beforehand = Object.assign(api, {push: ([verb, ...rest]) => api[verb](...rest)});
  early.forEach(api.push);
  if (script.dataset.page !== "off" && !path) page();
})();
