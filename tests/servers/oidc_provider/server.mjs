// Two issuers on one port, with keys that are made anew at each start, and people whom any password lets in.
//
//     node server.mjs FOLDER-OF-oidc-provider PORT CLIENTS    where CLIENTS is JSON: [[NAME, SECRET, ALGORITHM], …]
//
// `/basic` takes a client's secret in a field, and tells who somebody is at its UserInfo endpoint alone; `/post` takes
// the secret in the body, and tells it in the ID token. Both want PKCE, and name themselves to browsers (RFC 9207).

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [folder, port, clients] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(`${folder}/lib/index.js`));

const VERIFIED = { ada: true, grace: false, bob: 'true' };

const made = (kind, options) => ({ ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig' });

const keys = [made('rsa', { modulusLength: 2048 }), made('ec', { namedCurve: 'P-256' }), made('ed25519')];

const account = (name) => ({
  accountId: name,
  claims: () => ({ sub: name, name, email: `${name}@example.com`, email_verified: VERIFIED[name] }),
});

const issuer = (method) =>
  new Provider(`http://127.0.0.1:${port}/${method}`, {
    clients: JSON.parse(clients).map(([client_id, client_secret, id_token_signed_response_alg]) => ({
      client_id,
      client_secret,
      id_token_signed_response_alg,
      token_endpoint_auth_method: `client_secret_${method}`,
      redirect_uris: ['https://app.example/callback'],
    })),
    clientAuthMethods: [`client_secret_${method}`],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: method === 'basic',
    cookies: { keys: ['a secret of these tests'] },
    findAccount: (_context, name) => (name in VERIFIED ? account(name) : undefined),
    jwks: { keys },
    pkce: { required: () => true },
  }).callback();

const issuers = { basic: issuer('basic'), post: issuer('post') };

createServer((request, response) => {
  const name = request.url.split('/')[1];
  if (!(name in issuers)) return response.writeHead(404).end();
  request.originalUrl = request.url; // from which it learns below which path it lies
  request.url = request.url.slice(name.length + 1);
  return issuers[name](request, response);
}).listen(Number(port), '127.0.0.1');
