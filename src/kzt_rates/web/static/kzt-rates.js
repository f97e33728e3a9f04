/*! kzt_rates: <kzt-ticker>, <kzt-rate>, <kzt-converter>. MIT. Source: National Bank of Kazakhstan. */
(() => {
  "use strict";
  const here = document.currentScript || document.querySelector('script[src*="kzt-rates"]');
  const HOME = new URL(here?.src ? ".." : "/", here?.src || document.baseURI).href;
  const MINUTE = 60000;
  const WORDS = {
    ru: {heading: "Курсы валют Нацбанка РК", up: "выше на {} тенге", down: "ниже на {} тенге",
      same: "без изменений", old: "новые курсы не получены, это данные за {}", none: "на сегодня курсов нет, это данные за {}", undated:
      "новые курсы не получены, дата неизвестна", draft: "предварительно", on: "по курсу на {}",
      amount: "Сумма", from: "Из", to: "В", bad: "Пишите 1250 или 1250,50"},
    kk: {heading: "ҚР Ұлттық Банкінің валюта бағамдары", up: "{} теңгеге жоғары", down:
      "{} теңгеге төмен", same: "өзгеріссіз", old: "жаңа бағамдар алынбады, бұл {} күнгі дерек",
      none: "бүгінге бағам жоқ, бұл {} күнгі дерек", undated: "жаңа бағамдар алынбады, күні белгісіз", draft: "алдын ала", on:
      "{} күнгі бағам бойынша", amount: "Сома", from: "Қай валютадан", to: "Қай валютаға",
      bad: "1250 немесе 1250,50 деп жазыңыз"},
    en: {heading: "Exchange rates of the National Bank of Kazakhstan", up: "up {} tenge", down:
      "down {} tenge", same: "unchanged", old: "no new rates received, these are of {}", none:
      "no rates are set for today, these are of {}", undated:
      "no new rates received, date unknown", draft: "provisional", on: "at the rate for {}",
      amount: "Amount", from: "From", to: "To", bad: "Write 1250 or 1250.50"},
  };
  // UTC+5
  const today = () => new Date(Date.now() + 300 * MINUTE).toJSON().slice(0, 10);
  const shown = (day) => day.split("-").reverse().join(".");
  const isDay = (text) =>
    /^\d{4}-\d\d-\d\d$/.test(text) && new Date(text).toJSON()?.startsWith(text);

  // no binary fractions
  const split = (text) => {
    const [whole, more = ""] = text.split(".");
    return [BigInt(whole + more), 10n ** BigInt(more.length)];
  };
  const quotient = (top, bottom, places) => {
    const sign = top < 0n ? "-" : "", scaled = (top < 0n ? -top : top) * 10n ** BigInt(places);
    const digits = String((2n * scaled + bottom) / (2n * bottom)).padStart(places + 1, "0");
    const text = places ? digits.slice(0, -places) + "." + digits.slice(-places) : digits;
    return /[1-9]/.test(text) ? sign + text : text;
  };
  const fixed = (text, places = 2) => quotient(...split(text), places);
  const local = (text, lang) => {
    const [whole, more] = text.split(".");
    const groups = whole.replace(/\B(?=(\d{3})+$)/g, "\u00a0");
    return more ? groups + (lang === "en" ? "." : ",") + more : groups;
  };
  // a comma means thousands to some readers of English
  const amountOf = (text, lang) => {
    const plain = text.replace(/\s/g, "");
    const digits = lang === "en" ? plain : plain.replace(",", ".");
    return text.length <= 50 && /^[+-]?\d+(\.\d+)?$/.test(digits) ? digits : null;
  };
  const convert = (amount, from, to, places) => {
    const [a, aUnit] = split(amount), [f, fUnit] = split(from.value), [t, tUnit] = split(to.value);
    const top = a * f * BigInt(to.nominal) * tUnit;
    const bottom = aUnit * fUnit * BigInt(from.nominal) * t;
    // a small amount keeps two digits
    if (places === null)
      for (places = 2; top && (top < 0n ? -top : top) * 10n ** BigInt(places - 1) < bottom;)
        places++;
    return quotient(top, bottom, places);
  };

  const answers = new Map();
  const fetched = async (url) => {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), 8000);
    try {
      const answer = await fetch(url, {signal: stop.signal, credentials: "omit"});
      if (!answer.ok) throw new Error(answer.status + " " + url);
      const data = await answer.json();
      // text has the published digits
      const is = (pattern, text) => typeof text === "string" && pattern.test(text);
      const good = isDay(data.date) && data.rates.length && data.rates.every(
        (rate) => is(/^[A-Z]{3}$/, rate.currency) && is(/^.{1,5}$/, rate.symbol) &&
          is(/^\d{1,20}(\.\d{1,20})?$/, rate.value) && /[1-9]/.test(rate.value) &&
          Number.isSafeInteger(rate.nominal) && rate.nominal > 0 &&
          (rate.change === null || is(/^-?\d{1,20}(\.\d{1,20})?$/, rate.change))) &&
        new Set(data.rates.map((rate) => rate.currency)).size === data.rates.length;
      if (!good) throw new Error("not rates: " + url);
      return data;
    } finally {
      clearTimeout(timer);
    }
  };
  const load = (url) => {
    // none of before midnight; >>> 0: a clock may be set back
    const key = today() + url, known = answers.get(key);
    if (known && Date.now() - known.at >>> 0 < MINUTE) return known.promise;
    const promise = fetched(url);
    promise.catch(() => answers.delete(key));
    answers.set(key, {at: Date.now(), promise});
    return promise;
  };

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  let sheet, view;

  class Base extends HTMLElement {
    static observedAttributes =
      "amount base changes code codes date from lang places to".split(" ");
    connectedCallback() {
      const near = this.ownerDocument.defaultView;
      if (!near) return;
      if (!this.body) {
        this.body = make("span", {part: "line"}, make("slot"));
        this.mark = make("span", {part: "note"});
        this.attachShadow({mode: "open"}).append(this.body, this.mark);
      }
      this.refresh();
      // a sheet is of one document
      if (view !== near) {
        view = near;
        sheet = new view.CSSStyleSheet();
        sheet.replaceSync(`
          :host{display:block;font-variant-numeric:tabular-nums}
          :host(kzt-rate){display:inline}
          :host([hidden]){display:none}
          [part=line]{direction:ltr;unicode-bidi:isolate}
          :is([part=symbol],[part=value],:has(+[part~=change])){white-space:nowrap}
          [part~=up]{color:var(--kzt-up)}[part~=down]{color:var(--kzt-down)}
          [part=note]{color:var(--kzt-note)}
          :host(kzt-converter) [part=note]{font-size:smaller}
          [part=note]:not(:empty)::before{content:" ·\\a0"}
          form{display:flex;flex-wrap:wrap;gap:var(--kzt-gap,.5em);align-items:end;margin:0}
          label{display:grid;font-size:.85em;gap:.2em}
          input,select{font:inherit;font-size:1rem;background:var(--kzt-field,Canvas);
            color:var(--kzt-field-text,CanvasText);border:1px solid;border-radius:.3em;
            padding:.3em .5em;box-sizing:border-box;min-height:2.5em;max-width:100%}
          input{width:9em}select{width:6.5em}
          output{font-weight:600;min-height:2.5em;min-width:9em;align-self:end;
            display:flex;align-items:center;overflow-wrap:anywhere}`);
      }
      this.shadowRoot.adoptedStyleSheets = [sheet];
      // long timers stand still in sleep
      this.timer = setInterval(() => {
        if (this.language !== this.said) return this.refresh();
        if (today() === this.today && Date.now() - this.at >>> 0 < 10 * MINUTE) return;
        this.refresh(Math.random() * MINUTE / 3); // not all at once
      }, 1000);
    }
    disconnectedCallback() {
      clearInterval(this.timer);
    }
    attributeChangedCallback() {
      this.refresh();
    }
    get language() {
      let place = this;
      while (place && !place.lang) place = place.parentNode || place.host;
      const lang = (place?.lang || "").slice(0, 2).toLowerCase();
      return WORDS[lang] ? lang : "ru";
    }
    say(phrase, fact) {
      return WORDS[this.language][phrase].replace("{}", fact);
    }
    refresh(wait) {
      if (!this.body) return;
      if (this.newest < today() && this.dataset.stale == null) this.warn(this.newest);
      this.said = this.language;
      this.today = today();
      this.turn = this.at = Date.now();
      // once for all changes, after the parser
      clearTimeout(this.due);
      this.due = setTimeout(() => {
        if (document.readyState !== "loading") return this.update();
        document.addEventListener("DOMContentLoaded", () => this.update(), {once: true});
      }, wait);
    }
    warn(day) {
      this.dataset.stale = "";
      this.mark.textContent = isDay(day) ? this.say("old", shown(day)) : this.say("undated");
    }
    async update() {
      const turn = (this.turn = {}), day = this.getAttribute("date");
      this.text = this.textContent;
      // a copy has pieces without their slots
      if (!this.own) for (const piece of this.children) piece.removeAttribute("slot");
      try {
        if (day !== null && !isDay(day)) throw new Error("date: " + day);
        const base = new URL(this.getAttribute("base") || HOME, document.baseURI);
        const path = day === null ? "embed/rates.json" : "embed/rates/" + day + ".json";
        const data = await load(new URL(path, base).href);
        if (turn !== this.turn) return;
        if (day !== null && day !== data.date) throw new Error("another date: " + data.date);
        // a cache may be behind, data-date a slip
        const now = today(), had = this.newest || this.dataset.date;
        if (day === null && had <= now &&
          (data.date < had || data.provisional && data.date === this.final))
          throw new Error("older than shown: " + data.date);
        const rates = new Map(data.rates.map((rate) => [rate.currency, rate]));
        this.show(data, (code) => {
          const rate = rates.get(code.trim().toUpperCase());
          if (!rate) throw new Error("no rate of " + code);
          return rate;
        });
        this.dataset.date = data.date;
        this.removeAttribute("data-error");
        this.newest = day === null && data.date;
        this.final = !data.provisional && this.newest;
        const old = day === null && (data.stale || data.date < now);
        this.toggleAttribute("data-stale", old);
        const none = data.none_published && data.requested_date === now;
        this.mark.textContent = old ? this.say(none ? "none" : "old", shown(data.date)) :
          this.newest > now ? this.say("on", shown(data.date)) :
          data.provisional ? this.say("draft") : "";
        this.emit("loaded", structuredClone(data));
      } catch (error) {
        if (turn !== this.turn) return;
        this.dataset.error = error.message;
        this.warn(this.dataset.date || this.querySelector("time")?.dateTime);
        this.emit("error", error);
      }
    }
    emit(name, detail) {
      this.dispatchEvent(
        new CustomEvent("kzt-rates-" + name, {bubbles: true, composed: true, detail}));
    }
    // text of the page is found and copied; slots dress it
    write(pieces) {
      this.own = pieces.map(([part, text, spoken], place) => {
        const piece = make(part === "date" ? "time" : "span", {dateTime: spoken,
          slot: "kzt" + place, textContent: place + 1 < pieces.length ? text + " " : text});
        if (part.startsWith("change")) {
          piece.setAttribute("role", "img");
          piece.setAttribute("aria-label", spoken);
        }
        return piece;
      });
      this.replaceChildren(...this.own);
      this.text = this.textContent;
      // the last slot: the page's own text
      this.body.replaceChildren(
        ...pieces.map(([part], place) => make("slot", {part, name: "kzt" + place})), make("slot"));
    }
  }

  const ticker = class extends Base {
    show(data, find) {
      const found = (this.getAttribute("codes") || "USD,EUR,CNY,RUB").split(",").map(find);
      const pieces = [["heading", this.say("heading")],
        ["date", "(" + shown(data.date) + ")", data.date]];
      for (const rate of found) {
        const sign = (rate.nominal === 1 ? "" : rate.nominal + " ") + rate.symbol;
        pieces.push(["symbol", sign], ["value", fixed(rate.value)], ["tenge", "₸"]);
        if (this.hasAttribute("changes") && rate.change !== null) pieces.push(this.moved(rate));
      }
      this.write(pieces);
    }
    moved(rate) {
      const far = fixed(rate.change).replace("-", "");
      const [way, arrow] = !/[1-9]/.test(rate.change) ? ["same", "±"] :
        rate.change[0] === "-" ? ["down", "▼"] : ["up", "▲"];
      return ["change " + way, arrow + far, this.say(way, far)];
    }
  };

  const rate = class extends Base {
    attributeChangedCallback(name, old, text) {
      // no figure of another currency or day
      if (/code|date/.test(name) && old !== text && (old || this.body)) {
        // the page's own text stays
        if (this.textContent === (this.text ?? this.textContent)) this.textContent = "…";
        this.title = "";
        delete this.dataset.date;
      }
      super.attributeChangedCallback();
    }
    show(data, find) {
      const rate = find(this.getAttribute("code") || "USD");
      const [, more = ""] = rate.value.split(".");
      const value = fixed(rate.value, Math.max(2, more.length));
      const lot = rate.nominal === 1 ? [] : [["symbol", rate.nominal + " " + rate.symbol]];
      this.title = (rate.names?.[this.language] || rate.currency) + ", " + shown(data.date);
      this.write([...lot, ["value", local(value, this.language)], ["tenge", "₸"]]);
    }
  };

  const converter = class extends Base {
    show(data, find) {
      const tenge = {currency: "KZT", symbol: "₸", nominal: 1, value: "1"};
      const codes = this.getAttribute("codes");
      const found = codes ? codes.split(",").map((code) => /kzt/i.test(code) ? tenge : find(code)) :
        data.rates;
      const rates = new Map([tenge, ...found].map((rate) => [rate.currency, rate]));
      const usual = rates.has("USD") ? "USD" : found[0].currency;
      const chosen = [["from", usual], ["to", "KZT"]].map(([name, code], place) =>
        this.chosen?.[place].value || (this.getAttribute(name) || code).toUpperCase());
      // what is shown stays of one day
      for (const code of chosen) if (!rates.has(code)) throw new Error("no rate of " + code);
      this.rates = rates;
      this.day = data.date;
      if (!this.form) this.build();
      for (const label of this.labels)
        label.firstChild.textContent = this.say(label.lastChild.part);
      this.chosen.forEach((select, place) => {
        select.replaceChildren(...[...rates.values()].map((rate) => make("option", {
          value: rate.currency, textContent: rate.currency,
          title: rate.names?.[this.language] || "₸"})));
        select.value = chosen[place];
      });
      this.count();
    }
    build() {
      this.field = make("input", {part: "amount", inputMode: "decimal", autocomplete: "off",
        maxLength: 51, value: this.getAttribute("amount") || "100"});
      this.chosen = ["from", "to"].map((part) => make("select", {part}));
      this.out = make("output", {part: "result"});
      this.when = make("small", {part: "date"});
      this.labels = [this.field, ...this.chosen].map(
        (field) => make("label", {part: "label label-" + field.part}, make("span"), field));
      this.form = make("form", {part: "form"}, ...this.labels, this.out);
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("input", () => this.count());
      this.body.replaceChildren(this.form, this.when);
    }
    count() {
      const lang = this.language, amount = amountOf(this.field.value, lang);
      this.field.setAttribute("aria-invalid", amount === null);
      this.when.textContent = this.say("on", shown(this.day));
      if (amount === null)
        return void (this.textContent = this.out.textContent = this.say("bad"));
      const [from, to] = this.chosen.map((select) => this.rates.get(select.value));
      const places = this.getAttribute("places");
      const result = convert(amount, from, to, /^\d\d?$/.test(places) ? Number(places) : null);
      this.out.textContent = local(result, lang) + "\u00a0" + to.symbol;
      // a copy begins with it
      this.textContent = this.field.value + " " + from.symbol + " = " +
        this.out.textContent + " " + this.when.textContent;
    }
  };

  // another version may have them
  for (const [name, element] of Object.entries({ticker, rate, converter}))
    if (!customElements.get("kzt-" + name)) customElements.define("kzt-" + name, element);
})();
