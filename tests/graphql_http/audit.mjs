// Audits a GraphQL server by the reference implementation of GraphQL over HTTP: the id, the name
// and what became of each audit, as JSON. The token AUDIT_TOKEN is sent with each request.
import { auditServer } from "graphql-http";

const [url] = process.argv.slice(2);
const authorization = `Bearer ${process.env.AUDIT_TOKEN}`;

function fetchWithToken(input, init = {}) {
  return fetch(input, { ...init, headers: { ...init.headers, authorization } });
}

const results = await auditServer({ url, fetchFn: fetchWithToken });
console.log(
  JSON.stringify(
    results.map(({ id, name, status, reason }) => ({ id, name, status, reason: reason ?? null })),
  ),
);
