// The same question answered by an ordinary stack, as one would write it in an afternoon: Node, an
// HTTP framework, a JOSE library, the recipients in memory, a log that nobody flushes or signs.
// node server.mjs PORT CERTS JWKS RECIPIENTS.csv LOG
import { createHash, X509Certificate } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import Fastify from 'fastify';
import { createLocalJWKSet, jwtVerify } from 'jose';

const [port, certs, jwks, recipients, log] = process.argv.slice(2);
const keys = createLocalJWKSet(JSON.parse(readFileSync(jwks)));
const entries = createWriteStream(log, { flags: 'a' });

const rows = new Map();
const [header, ...lines] = readFileSync(recipients, 'utf8').trim().split('\n');
const columns = header.split(',');
for (const line of lines) {
  const cells = line.split(',');
  const row = Object.fromEntries(columns.map((name, i) => [name, cells[i]]));
  rows.set(row.link_key, [...(rows.get(row.link_key) ?? []), row]);
}

const used = new Map();
function isNew(claims, now) {
  if (used.has(claims.jti)) return false;
  used.set(claims.jti, claims.exp);
  if (used.size > 1_000_000) for (const [jti, exp] of used) if (exp < now) used.delete(jti);
  return true;
}

function subsidy(row, date) {
  const active = row.valid_from <= date && date <= row.valid_to;
  return {
    authority: { code: '132012', name: '八王子市' },
    scheme: { id: row.scheme_id, name: { ja: '義務教育就学児医療費助成', en: 'Medical care for schoolchildren' } },
    outcome: active ? 'eligible' : 'not_eligible',
    reason: active ? 'ACTIVE' : 'EXPIRED',
    payer_number: row.payer_number,
    recipient_number: row.recipient_number,
    valid_from: row.valid_from,
    valid_to: row.valid_to,
    copay: { kind: 'fixed_per_visit', yen: 200 },
  };
}

const app = Fastify({
  https: {
    key: readFileSync(`${certs}/server.key`),
    cert: readFileSync(`${certs}/server.crt`),
    ca: readFileSync(`${certs}/ca.crt`),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  },
  keepAliveTimeout: 300_000,
});

app.addHook('onRequest', async (request) => {
  const socket = request.raw.socket;
  socket.thumbprint ??= createHash('sha256')
    .update(new X509Certificate(socket.getPeerCertificate(true).raw).raw)
    .digest('base64url');
});

app.post('/v1/eligibility', async (request, reply) => {
  const question = request.body;
  const { payload } = await jwtVerify(question.card_token, keys, {
    issuer: 'https://card-issuer.shikaku.example',
    audience: 'shikaku',
  });
  const now = Math.floor(Date.now() / 1000);
  if (payload.cnf?.['x5t#S256'] !== request.raw.socket.thumbprint || !isNew(payload, now))
    return reply.code(401).send({ code: 'token_invalid' });
  const date = question.service_date ?? new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 10);
  const subsidies = (rows.get(payload.sub) ?? []).map((row) => subsidy(row, date));
  const outcome = subsidies.some((one) => one.outcome === 'eligible') ? 'eligible' : 'not_eligible';
  const content = { outcome, service_date: date, setting: question.setting, subsidies };
  const answer = {
    answer_id: request.id,
    ...content,
    content_hash: 'sha256:' + createHash('sha256').update(JSON.stringify(content)).digest('hex'),
  };
  entries.write(JSON.stringify({ at: Date.now(), sub: payload.sub, question: { ...question, card_token: undefined }, answer }) + '\n');
  return answer;
});

app.setErrorHandler((error, request, reply) =>
  reply.code(error.code?.startsWith('ERR_J') ? 401 : 400).send({ code: error.code ?? 'malformed_request' }));

await app.listen({ port: Number(port), host: '127.0.0.1' });
console.log('ready');
