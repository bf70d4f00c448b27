// A Z-Wave JS server with a few locks, over a mock radio: the true driver and the true server, with faults on demand.
//
//   node hub.mjs [port [interviews]]
//   node hub.mjs --interview interviews
//
// The second form interviews the locks, which takes a while, and leaves in that folder what the driver found out; given to the first
// form, it needn't do that again. The folder itself isn't changed by that.
//
// It prints a line of JSON when every lock has been interviewed: {"ready": true, "port": 3000}. Then it reads orders, a JSON
// object per line, and answers each with a line: {"id": 1, "do": "offline", "lock": "old"} with {"id": 1, "ok": true}. See
// `orders` below for what can be ordered. It ends when its input does.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { ZwavejsServer } from "@zwave-js/server";
import { ccCaps, createMockZWaveRequestFrame, MockController, MockNode } from "@zwave-js/testing";
import {
  BatteryCCGet,
  BatteryCCReport,
  ManufacturerSpecificCCDeviceSpecificGet,
  ManufacturerSpecificCCDeviceSpecificReport,
  NotificationCCReport,
  UserCodeCCGet,
  UserCodeCCSet,
  UserCredentialCCCredentialReport,
  UserCredentialCredentialReportType,
  UserCredentialModifierType,
  UserCredentialNameEncoding,
  UserCredentialRule,
  UserCredentialType,
  UserCredentialUserType,
  UserIDStatus,
} from "zwave-js";
import {
  createAndStartDriverWithMockPort,
  createDefaultMockControllerBehaviors,
  createDefaultMockNodeBehaviors,
} from "zwave-js/Testing";

const HOME_ID = 0x7e570001;

// Command classes.
const USER_CODE = 0x63;
const USER_CREDENTIAL = 0x83;
const DOOR_LOCK = 0x62;
const NOTIFICATION = 0x71;
const BATTERY = 0x80;
const SCHEDULE_ENTRY_LOCK = 0x4e;

// Notifications of type 6, access control.
const ACCESS_CONTROL = 6;
const OPENED_BY_CODE = 6;
const CODE_DELETED = 13;
const CODE_ADDED = 14;
const CODE_IS_DUPLICATE = 15;

/** How the mock's behaviours name what a lock remembers. */
const codeKey = (slot) => `UserCode_userCode_${slot}`;
const statusKey = (slot) => `UserCode_userIdStatus_${slot}`;
const userKey = (user) => `UserCredential_user_${user}`;
const credentialKey = (slot) => `UserCredential_cred_${UserCredentialType.PINCode}_${slot}`;

/** A lock: what it is like, and what it remembers while the hub is away. Its node changes with each start of the hub. */
class Lock {
  constructor({ node, productId, serial, codes, slots, forgetful = false }) {
    Object.assign(this, { nodeId: node, productId, serial, codes, slots, forgetful });
    this.battery = 80;
    this.online = true;
    this.answers = true;
    this.memory = new Map();
    /** The slots that a forgetful lock has been asked for since it was given their codes. */
    this.readOnce = new Set();
    this.radioMessages = 0;
  }

  commandClasses() {
    const both = [
      { ccId: 0x72, version: 2 }, // Manufacturer Specific
      { ccId: 0x86, version: 3 }, // Version
      { ccId: 0x6c, version: 1 }, // Supervision
      ccCaps({ ccId: DOOR_LOCK, version: 4, supportedOperationTypes: [1], supportedDoorLockModes: [0, 255] }),
      ccCaps({
        ccId: NOTIFICATION,
        version: 8,
        supportsV1Alarm: false,
        notificationTypesAndEvents: { [ACCESS_CONTROL]: [1, 2, 5, 6, 12, 13, 14, 15] },
      }),
      { ccId: BATTERY, version: 1 },
    ];
    if (this.codes === "user codes") {
      return [
        // An old lock confirms nothing by itself.
        ...both.filter((cc) => cc.ccId !== 0x6c),
        ccCaps({ ccId: USER_CODE, version: 1, numUsers: this.slots }),
        ccCaps({ ccId: SCHEDULE_ENTRY_LOCK, version: 3, numWeekDaySlots: 7, numYearDaySlots: 4, numDailyRepeatingSlots: 0 }),
      ];
    }
    return [
      ...both,
      ccCaps({
        ccId: USER_CREDENTIAL,
        version: 1,
        numberOfSupportedUsers: this.slots,
        supportedCredentialRules: [UserCredentialRule.Single],
        maxUserNameLength: 32,
        supportedUserNameEncodings: [UserCredentialNameEncoding.ASCII],
        supportedUserTypes: [UserCredentialUserType.General, UserCredentialUserType.Programming],
        supportedCredentialTypes: new Map([
          [
            UserCredentialType.PINCode,
            {
              numberOfCredentialSlots: this.slots,
              minCredentialLength: 4,
              maxCredentialLength: 8,
              maxCredentialHashLength: 0,
              supportsCredentialLearn: false,
            },
          ],
        ]),
      }),
    ];
  }

  async join(controller) {
    const node = await MockNode.create({
      id: this.nodeId,
      controller,
      capabilities: {
        manufacturerId: 0x0129,
        productType: 0x0004,
        productId: this.productId,
        genericDeviceClass: 0x40,
        specificDeviceClass: 3,
        txDelay: 0,
        commandClasses: this.commandClasses(),
      },
    });
    for (const [key, value] of this.memory) node.state.set(key, value);
    this.memory = node.state;
    this.node = node;
    controller.addNode(node);
    node.defineBehavior(...createDefaultMockNodeBehaviors());
    node.defineBehavior({ handleCC: (_, __, cc) => this.handle(controller, cc) });
    const receive = node.onControllerFrame.bind(node);
    node.onControllerFrame = async (frame) => {
      if (this.online) await receive(frame);
    };
  }

  /** What differs from the mock's own behaviour. */
  handle(controller, cc) {
    this.radioMessages += 1;
    if (!this.answers) return { action: "stop" };
    if (cc instanceof BatteryCCGet) {
      return { action: "sendCC", cc: new BatteryCCReport({ nodeId: controller.ownNodeId, level: this.battery }) };
    }
    if (cc instanceof ManufacturerSpecificCCDeviceSpecificGet) {
      const report = { nodeId: controller.ownNodeId, type: 1, deviceId: this.serial };
      return { action: "sendCC", cc: new ManufacturerSpecificCCDeviceSpecificReport(report) };
    }
    if (cc instanceof UserCodeCCSet && cc.userIdStatus !== UserIDStatus.Available) {
      const digits = text(cc.userCode);
      for (let slot = 1; slot <= this.slots; slot++) {
        if (slot !== cc.userId && this.held(slot) === digits) {
          void this.notify(CODE_IS_DUPLICATE, slot);
          return { action: "fail" };
        }
      }
      this.readOnce.delete(cc.userId);
    }
    if (cc instanceof UserCodeCCGet && this.forgetful) {
      if (this.readOnce.has(cc.userId)) this.forget(cc.userId);
      this.readOnce.add(cc.userId);
    }
    return undefined;
  }

  held(slot) {
    if (this.codes === "user codes") {
      const used = (this.memory.get(statusKey(slot)) ?? UserIDStatus.Available) !== UserIDStatus.Available;
      return used ? text(this.memory.get(codeKey(slot))) : undefined;
    }
    const credential = this.memory.get(credentialKey(slot));
    return credential && text(credential.credentialData);
  }

  put(slot, digits, user = slot) {
    if (this.codes === "user codes") {
      this.memory.set(statusKey(slot), UserIDStatus.Enabled);
      this.memory.set(codeKey(slot), digits);
      return;
    }
    const modified = { modifierType: UserCredentialModifierType.Locally, modifierNodeId: 0 };
    if (!this.memory.has(userKey(user))) {
      this.memory.set(userKey(user), {
        userType: UserCredentialUserType.General,
        active: true,
        credentialRule: UserCredentialRule.Single,
        expiringTimeoutMinutes: 0,
        nameEncoding: UserCredentialNameEncoding.ASCII,
        userName: `User-${user}`,
        ...modified,
      });
    }
    this.memory.set(credentialKey(slot), { userId: user, credentialData: Buffer.from(digits), ...modified });
  }

  forget(slot) {
    if (this.codes === "user codes") {
      this.memory.set(statusKey(slot), UserIDStatus.Available);
      this.memory.delete(codeKey(slot));
    } else {
      this.memory.delete(credentialKey(slot));
    }
  }

  users() {
    return [...this.memory.keys()].filter((key) => key.startsWith(userKey(""))).length;
  }

  async send(cc) {
    await this.node.sendToController(createMockZWaveRequestFrame(cc, { ackRequested: false }));
  }

  /** Reports something at the keypad; `user` is who did it. */
  async notify(event, user) {
    const notification = {
      nodeId: this.node.controller.ownNodeId,
      notificationType: ACCESS_CONTROL,
      notificationEvent: event,
      // A User Code report, as the specification has it: command class, command, user, status.
      eventParameters: Buffer.from([USER_CODE, 3, user, 1]),
    };
    await this.send(new NotificationCCReport(notification));
  }
}

const text = (digits) => (digits === undefined ? undefined : typeof digits === "string" ? digits : Buffer.from(digits).toString("ascii"));

const locks = {
  // An old lock, which confirms nothing and refuses duplicates as a Yale does.
  old: new Lock({ node: 2, productId: 0x0800, serial: "YA-0001", codes: "user codes", slots: 30 }),
  // A new one, which confirms everything and knows users.
  new: new Lock({ node: 3, productId: 0x3000, serial: "NW-0001", codes: "user credentials", slots: 50 }),
  // Of the same model as `old`.
  twin: new Lock({ node: 4, productId: 0x0800, serial: "YA-0002", codes: "user codes", slots: 30 }),
  small: new Lock({ node: 5, productId: 0x0004, serial: "SM-0001", codes: "user codes", slots: 4 }),
  // Says yes, shows a code once and has forgotten it then.
  forgetful: new Lock({ node: 6, productId: 0x0009, serial: "FO-0001", codes: "user codes", slots: 10, forgetful: true }),
};

/** The running hub: driver and server. */
let hub;
/** Where the driver keeps what it found out about the nodes. */
let cache;
const [first, interviews] = process.argv.slice(2);
let port = first === "--interview" ? 0 : Number(first ?? 0);

function temporary() {
  return mkdtempSync(join(tmpdir(), "latchkey-hub-"));
}

async function start() {
  cache ??= temporary();
  const key = (byte) => Buffer.alloc(16, byte);
  const { driver, continueStartup, mockPort, serial } = await createAndStartDriverWithMockPort({
    securityKeys: { S2_Unauthenticated: key(1), S2_Authenticated: key(2), S2_AccessControl: key(3), S0_Legacy: key(4) },
    features: { softReset: false },
    storage: { cacheDir: cache },
    disableOptimisticValueUpdate: true,
    emitValueUpdateAfterSetValue: true,
    // A lock that is away is found out sooner than with the usual three attempts.
    attempts: { sendData: 1, controller: 1 },
    logConfig: { enabled: false },
  });
  driver.on("error", (error) => process.stderr.write(`${error.message}\n`));
  const controller = await MockController.create({ mockPort, serial, ownNodeId: 1, homeId: HOME_ID });
  controller.defineBehavior(...createDefaultMockControllerBehaviors());
  for (const lock of Object.values(locks)) await lock.join(controller);
  const ready = new Promise((resolve) => driver.once("driver ready", resolve));
  continueStartup();
  await ready;
  const interviewed = [...driver.controller.nodes.values()]
    .filter((node) => !node.isControllerNode && !node.ready)
    .map((node) => new Promise((resolve) => node.once("ready", resolve)));
  const logger = Object.fromEntries(["error", "warn", "info", "debug"].map((level) => [level, () => {}]));
  const server = new ZwavejsServer(driver, { port, host: "127.0.0.1", enableDNSServiceDiscovery: false, logger });
  // What it listens on where no port is given.
  server.defaultPort = 0;
  await server.start();
  port = server.server.address().port;
  hub = { driver, server, controller };
  await Promise.all(interviewed);
}

async function stop() {
  await hub.server.destroy();
  await hub.driver.destroy();
  hub.controller.destroy();
  hub = undefined;
}

/** What can be ordered. Each takes the order, and returns what the answer says besides `ok`. */
const orders = {
  /** The lock is out of the hub's reach. */
  offline: ({ lock }) => void (locks[lock].online = false),
  online: ({ lock }) => void (locks[lock].online = true),
  /** The lock receives and doesn't answer. */
  silent: ({ lock }) => void (locks[lock].answers = false),
  answering: ({ lock }) => void (locks[lock].answers = true),
  /** The lock silently loses what a slot holds. */
  forget: ({ lock, slot }) => locks[lock].forget(slot),
  /** What a slot really holds. */
  held: ({ lock, slot }) => ({ digits: locks[lock].held(slot) ?? null }),
  /** How many users a new lock has, and how many radio messages a lock has received. */
  users: ({ lock }) => ({ users: locks[lock].users() }),
  radio: ({ lock }) => ({ messages: locks[lock].radioMessages }),
  /** Somebody opens the lock with the code of a slot. */
  keypad: ({ lock, slot }) => locks[lock].notify(OPENED_BY_CODE, slot),
  /** Somebody programs a code at the keypad; a new lock has a `user` besides. */
  program: async ({ lock, slot, digits, user }) => {
    locks[lock].put(slot, digits, user);
    if (locks[lock].codes === "user codes") return locks[lock].notify(CODE_ADDED, slot);
    await locks[lock].send(
      new UserCredentialCCCredentialReport({
        nodeId: 1,
        reportType: UserCredentialCredentialReportType.CredentialAdded,
        userId: user ?? slot,
        credentialType: UserCredentialType.PINCode,
        credentialSlot: slot,
        credentialReadBack: true,
        credentialData: Buffer.from(digits),
        modifierType: UserCredentialModifierType.Locally,
        modifierNodeId: 0,
      }),
    );
  },
  /** Somebody deletes a code at the keypad. */
  erase: ({ lock, slot }) => {
    locks[lock].forget(slot);
    return locks[lock].notify(CODE_DELETED, slot);
  },
  /** A code is on the lock that nobody has told the hub of; `disabled` if it doesn't open. */
  put: ({ lock, slot, digits, user, disabled }) => {
    locks[lock].put(slot, digits, user);
    if (disabled) locks[lock].memory.set(statusKey(slot), UserIDStatus.Disabled);
  },
  battery: async ({ lock, percent }) => {
    locks[lock].battery = percent;
    await locks[lock].send(new BatteryCCReport({ nodeId: 1, level: percent }));
  },
  /** The hub ends, and locks keep what they know. */
  stop,
  start,
  /** The hub forgets its network and finds the locks under other numbers: {"nodes": {"old": 7, "twin": 2}}. */
  renumber: async ({ nodes }) => {
    await stop();
    rmSync(cache, { recursive: true, force: true });
    cache = undefined;
    for (const [lock, node] of Object.entries(nodes)) locks[lock].nodeId = node;
    await start();
  },
};

const print = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

if (first === "--interview") {
  cache = interviews;
  await start();
  await stop();
  process.exit();
}
if (interviews) {
  cache = temporary();
  cpSync(interviews, cache, { recursive: true });
}
await start();
print({ ready: true, port });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...order } = JSON.parse(line);
  try {
    print({ id, ok: true, ...(await orders[order.do](order)) });
  } catch (error) {
    print({ id, ok: false, error: String(error?.stack ?? error) });
  }
}
if (hub) await stop();
if (cache) rmSync(cache, { recursive: true, force: true });
process.exit();
