// Types of the elements that kzt-rates.js defines.

/** A published rate; figures are text, so that no digit is lost. */
export interface KztRate {
  currency: string;
  symbol: string;
  names?: Record<"en" | "kk" | "ru", string>;
  /** How many units the value is for. */
  nominal: number;
  /** Tenge for the nominal. */
  value: string;
  /** Tenge since the day before, null where that is not known. */
  change: string | null;
}

export interface KztRates {
  /** The day the rates are official for. */
  date: string;
  requested_date: string;
  /** The rates of the requested day are not there. */
  stale: boolean;
  /** The bank has set no rates for the requested day. */
  none_published?: boolean;
  complete?: boolean;
  refused?: string[];
  provisional: boolean;
  rates: KztRate[];
}

export interface KztAttributes {
  /** Where the service is; by default where the script came from. */
  base?: string;
  /** A day, written 2026-08-21; by default today. */
  date?: string;
  lang?: "en" | "kk" | "ru";
}

export interface KztTickerAttributes extends KztAttributes {
  /** Separated by commas; by default USD,EUR,CNY,RUB. */
  codes?: string;
  /** Present: the change since the day before is shown. */
  changes?: string | boolean;
}

export interface KztRateAttributes extends KztAttributes {
  /** By default USD. */
  code?: string;
}

export interface KztConverterAttributes extends KztAttributes {
  amount?: string;
  from?: string;
  to?: string;
  /** Separated by commas; by default all of the day. */
  codes?: string;
  /** Decimals of the result, 0 to 99; by default 2, and more for a small amount. */
  places?: string;
}

export interface KztElement extends HTMLElement {
  /** Looks for new rates; it is called every ten minutes. */
  refresh(): void;
  addEventListener(
    type: "kzt-rates-loaded",
    listener: (event: CustomEvent<KztRates>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: "kzt-rates-error",
    listener: (event: CustomEvent<Error>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "kzt-ticker": KztElement;
    "kzt-rate": KztElement;
    "kzt-converter": KztElement;
  }
}
