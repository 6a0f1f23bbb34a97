// A system under test in JavaScript: answers each line of JSON on stdin with one on stdout.
//
//   reperso run --sut "jsonl:node examples/javascript/system.mjs" --claim 1
//
// It is the method in miniature, in memory: networks with subscribers, cards with an identity and an admin code, and an
// application server. What it does not have, it says: the scenario is then not applicable.
import { createInterface } from "node:readline";

class Unsupported extends Error {}

let world;

function card(user) {
  if (!world.cards[user]) throw new Error(`${user} has no card`);
  return world.cards[user];
}

/** What happens between a request and the end of the change, S1 to S5. */
function change(user, target) {
  const mine = card(user);
  mine.open = false;
  if (!world.agreed.has(target) || !world.agreed.has(mine.home) || !world.known.has(user) || mine.home === target) {
    mine.refused += 1;
    mine.standing = mine.standing === "never asked" ? "refused" : mine.standing;
    return;
  }
  mine.requested = target;
  world.sessions.add(target);
  world.provided[target] = (world.provided[target] ?? 0) + 1;
  mine.sent += 1;
  world.carried.add(mine.home);
  if (world.codes[user] !== mine.adminCode) {
    mine.report = "a wrong admin code";
    mine.standing = "unchanged";
    return;
  }
  world.informed.add(`${mine.home} ${user}`);
  world.confirmed.add(`${target} ${user}`);
  Object.assign(mine, { home: target, report: "that it has changed", standing: "changed" });
}

const calls = {
  setup({ seed }) {
    world = { seed, agreed: new Set(), known: new Set(), cards: {}, codes: {}, waiting: [], sessions: new Set(),
              provided: {}, carried: new Set(), informed: new Set(), confirmed: new Set() };
  },
  close() { world = undefined; },

  agree({ network }) { world.agreed.add(network); },
  subscribe({ network, user }) {
    const adminCode = `code of ${user}`;
    world.cards[user] = { home: network, adminCode, sent: 0, refused: 0, report: "nothing", standing: "never asked",
                          requested: null };
    world.codes[user] = adminCode;
    world.known.add(user);
  },
  request_change({ network, means, user }) {
    if (means !== "the menu") throw new Unsupported("its device has a menu only");
    if (card(user).open) {
      card(user).refused += 1; // one open change a card
      return;
    }
    card(user).open = true;
    world.waiting.push(() => change(user, network));
  },
  settle() { for (const happen of world.waiting.splice(0)) happen(); },

  exchange_admin_code({ user }) { world.codes[user] = "another code"; },
  restore_admin_code({ user }) { world.codes[user] = card(user).adminCode; },
  forget_card({ user }) { world.known.delete(user); },

  authenticates_in: ({ network, user }) => card(user).home === network,
  attached_to: ({ user }) => card(user).home,
  agreed_network: ({ user }) => card(user).home,
  register_knows: ({ network, user }) => card(user).home === network,
  standing: ({ user }) => card(user).standing,
  card_report: ({ user }) => card(user).report,
  requested_network: ({ user }) => card(user).requested,
  refused_requests: ({ user }) => card(user).refused,
  messages_sent: ({ user }) => card(user).sent,
  sessions: () => [...world.sessions],
  provided_identities: ({ network }) => world.provided[network] ?? 0,
  reserved_identities: () => 0,
  carried_message: ({ network }) => world.carried.has(network),
  was_informed: ({ network, user }) => world.informed.has(`${network} ${user}`),
  has_confirmed: ({ network, user }) => world.confirmed.has(`${network} ${user}`),
  exchanges: () => [],
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, call, arguments: facts } = JSON.parse(line);
  let said;
  try {
    if (!(call in calls)) throw new Unsupported(`it has no ${call}`);
    said = { answer: calls[call](facts) ?? null };
  } catch (error) {
    said = error instanceof Unsupported ? { unsupported: error.message } : { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify({ id, ...said })}\n`);
}
