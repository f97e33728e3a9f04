// What clients of Frankfurter on npm make of the service: node clients.mjs FOLDER URL
import { createRequire } from "node:module";

const [folder, url] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { FrankfurterClient } = await import(require.resolve("frankfurter-js"));
const { ClienteFrankfurter } = await import(`${folder}/node_modules/frankfurter-ts/dist/index.js`);

const js = new FrankfurterClient({ baseUrl: url });
const ts = new ClienteFrankfurter({ urlBase: `${url}/v2` });
const refused = async (asked) => {
  try {
    await asked;
    return null;
  } catch (error) {
    return { name: error.name, status: error.status ?? error.estado, body: error.body ?? error.message };
  }
};
const pair = { base: "USD", quotes: ["KZT"] };

const said = {
  js: {
    latest: await js.latest(pair),
    rates: await js.rates({ base: "EUR", quotes: ["KZT", "USD"] }),
    historical: await js.historical("2025-12-02", pair),
    range: await js.range("2025-12-02", "2025-12-03", pair),
    currencies: (await js.currencies()).length,
    providers: (await js.providers()).map((one) => one.key),
    refused: await refused(js.latest({ base: "XXX" })),
  },
  ts: {
    today: await ts.tasas({ base: "USD", cotizadas: ["KZT"] }),
    again: await ts.tasas({ base: "USD", cotizadas: ["KZT"] }),
    range: await ts.tasas({ base: "USD", cotizadas: ["KZT"], desde: "2025-12-02", hasta: "2025-12-03" }),
    pair: await ts.tasa("IRR", "KZT"),
    converted: (await ts.convertir("100", "USD", "EUR")).destino.aTexto(),
    currencies: (await ts.monedas()).length,
    refused: await refused(ts.tasa("XXX", "KZT")),
  },
};
console.log(JSON.stringify(said));
