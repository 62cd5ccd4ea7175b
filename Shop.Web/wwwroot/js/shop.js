// Comfort only: every page works without it. The custom elements come alive by themselves whenever enhanced
// navigation brings them in; everything else listens on the document.

const busy = new WeakSet();

document.addEventListener("submit", event => {
  const form = event.target;
  if (form.matches("[data-theme-form]")) return chooseTheme(event);
  if (!form.matches("[data-once]")) return;
  // The form carries its own key, so a second click would do no harm; not sending it is just quicker.
  if (busy.has(form)) return event.preventDefault();
  busy.add(form);
  const button = event.submitter;
  if (button?.dataset.busyText) {
    button.setAttribute("aria-disabled", "true");
    button.querySelector("span").textContent = button.dataset.busyText;
  }
});

// A page out of the back/forward cache was left while its form was being sent: it can be sent again.
window.addEventListener("pageshow", event => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("[data-once]")) busy.delete(form);
  for (const button of document.querySelectorAll("[data-busy-text][aria-disabled]")) location.reload();
});

document.addEventListener("change", event => {
  const form = event.target.closest("form[data-auto-submit]");
  if (form?.reportValidity()) form.requestSubmit();
});

document.addEventListener("click", event => {
  for (const open of document.querySelectorAll("details[data-dismiss][open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  const more = event.target.closest("a[data-load-more]");
  if (more && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    loadMore(more);
  }
});

document.addEventListener("keydown", event => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details[data-dismiss][open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

document.querySelector("[data-focus]")?.focus();

// Enhanced navigation changes the page without loading one: whoever doesn't see it must hear that it is another.
let path = location.pathname;
window.Blazor?.addEventListener("enhancedload", () => {
  if (path === location.pathname) return;
  path = location.pathname;
  const heading = document.querySelector("h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
});

function chooseTheme(event) {
  const theme = event.submitter?.value;
  if (!theme) return;
  event.preventDefault();
  const root = document.documentElement;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  if (theme === "system") {
    root.removeAttribute("data-theme");
    document.cookie = `theme=; Path=/; Max-Age=0; SameSite=Lax${secure}`;
  } else {
    root.setAttribute("data-theme", theme);
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }
  for (const button of event.target.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === theme));
}

async function loadMore(link) {
  if (link.getAttribute("aria-disabled") === "true") return;
  link.setAttribute("aria-disabled", "true");
  const pager = link.closest(".pager");
  const grid = pager.parentElement.querySelector("[data-product-grid]");
  try {
    const response = await fetch(link.href);
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const cards = [...page.querySelectorAll("[data-product-grid] > li")];
    grid.append(...cards);
    const next = page.querySelector("a[data-load-more]");
    if (next) link.replaceWith(next);
    else link.remove();
    cards[0]?.querySelector("a").focus();
  } catch {
    // The plain link shows the next page, or the page that says what is wrong.
    location.assign(link.href);
  }
}

/** Follows the choice of a product's options: price, stock, and whether it can be bought. */
class VariantPicker extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    if (!form || this.options) return;
    this.options = true;
    form.addEventListener("change", event => {
      if (event.target.type === "radio") this.show(form, event.target);
    });
    const first = form.querySelector("input[type=radio]:checked");
    if (first) this.show(form, null);
  }

  show(form, changed) {
    const variants = JSON.parse(form.querySelector("[data-variants]").textContent);
    const groups = [...form.querySelectorAll("fieldset.options")];
    const chosen = groups.map(group => group.querySelector("input:checked")?.value);
    const variant = variants.find(one => one.options.every((value, index) => value === chosen[index]));
    groups.forEach((group, index) => {
      for (const label of group.querySelectorAll(".option")) {
        const wanted = chosen.with(index, label.querySelector("input").value);
        const possible = variants.some(one => one.available > 0 && one.options.every((value, at) => value === wanted[at]));
        label.classList.toggle("option--out", !possible);
      }
    });
    const canBuy = (variant?.available ?? 0) > 0;
    const stock = form.querySelector("[data-stock]");
    stock.textContent = variant?.availability ?? "This combination isn't made";
    stock.className = `stock stock--${variant?.tone ?? "out"}`;
    const button = form.querySelector("button[type=submit]");
    button.disabled = !canBuy;
    button.querySelector("span").textContent = canBuy ? "Add to basket" : variant ? "Sold out" : "Not made";
    form.querySelector("input[name=quantity]").disabled = !canBuy;
    if (!changed) return;
    const price = document.querySelector(".product__price [data-price]");
    if (variant && price) {
      price.querySelector(".price__now").textContent = variant.price;
      price.querySelector(".price__was")?.remove();
      price.classList.toggle("price--reduced", Boolean(variant.compareAtPrice));
      if (variant.compareAtPrice) {
        const was = document.createElement("s");
        was.className = "price__was";
        was.textContent = variant.compareAtPrice;
        price.append(was);
      }
    }
    form.querySelector("[data-announce]").textContent = variant ? `${variant.price}, ${stock.textContent}` : stock.textContent;
  }
}

/** Follows an order by server-sent events, read by fetch because the order's token goes in a header. */
class LiveOrder extends HTMLElement {
  static firstWait = 1000;
  static longestWait = 15000;

  connectedCallback() {
    if (this.dataset.final) return;
    this.stop = new AbortController();
    this.follow(this.stop.signal);
  }

  disconnectedCallback() {
    this.stop?.abort();
  }

  async follow(signal) {
    let wait = LiveOrder.firstWait;
    while (!signal.aborted) {
      try {
        const response = await fetch(this.dataset.events, {
          headers: { "Order-Token": this.dataset.token, Accept: "text/event-stream" },
          cache: "no-store",
          signal,
        });
        // Not ours, or no longer there: asking again would not help.
        if (response.status >= 400 && response.status < 500 && response.status !== 429) return;
        if (response.status === 429 || response.status === 503) {
          // Too many are watching: looking from time to time does as well.
          await this.refresh(signal);
          if (this.dataset.status !== "processing") return;
          wait = Math.max(wait, Number(response.headers.get("Retry-After") ?? 0) * 1000);
          throw new Error(String(response.status));
        }
        if (!response.ok) throw new Error(String(response.status));
        for await (const change of statusEvents(response.body)) {
          wait = LiveOrder.firstWait;
          if (change.status !== this.dataset.status || change.paymentStatus !== this.dataset.payment) await this.refresh(signal);
          if (change.final) return;
        }
        // The server ends the stream of an order that changes no more by itself; a confirmed one still may, much later.
        if (this.dataset.status !== "processing") return;
      } catch (error) {
        if (signal.aborted) return;
        console.info("The order's events broke off; trying again.", error);
      }
      await new Promise(resolve => setTimeout(resolve, wait * (0.75 + Math.random() / 2)));
      wait = Math.min(wait * 2, LiveOrder.longestWait);
    }
  }

  /** The server renders the status, here as at first: what it looks like is known in one place. */
  async refresh(signal) {
    const response = await fetch(location.pathname, { signal, cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("live-order");
    if (!fresh) return;
    // Whoever chooses a card isn't disturbed by the same page once more.
    if (fresh.dataset.status === this.dataset.status && fresh.dataset.payment === this.dataset.payment) return;
    this.dataset.status = fresh.dataset.status;
    this.dataset.payment = fresh.dataset.payment;
    this.querySelector("[data-live]").replaceChildren(...fresh.querySelector("[data-live]").childNodes);
    const say = this.querySelector("[data-status]")?.textContent.trim();
    const lead = this.querySelector(".lead")?.textContent.trim();
    this.querySelector("[data-announce]").textContent = `${say}. ${lead}`;
  }
}

async function* statusEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text = (text + value).replaceAll("\r\n", "\n");
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const data = text.slice(0, end).split("\n").filter(line => line.startsWith("data:")).map(line => line.slice(5).trim()).join("\n");
      text = text.slice(end + 2);
      if (data) yield JSON.parse(data);
    }
  }
}

customElements.define("variant-picker", VariantPicker);
customElements.define("live-order", LiveOrder);
