// The live connection: one WebSocket that comes back by itself, later and later, and says how it is.

import { apiKey } from './access.js';

const FIRST_WAIT = 1_000; // milliseconds
const LONGEST_WAIT = 30_000;
const PING_EVERY = 15_000;
const SILENT_FOR = 40_000; // no answer to two pings: the line is dead, whatever the browser believes

/**
 * How long to wait before the nth attempt in a row; a random part keeps many pages from coming back at once.
 * @param {number} attempt from 0
 * @param {number} random from 0 to 1
 */
export const waitBefore = (attempt, random) =>
  Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt, 10)) * (0.5 + random / 2);

/** @typedef {'connecting' | 'connected' | 'reconnecting'} ConnectionState */

export class LiveConnection {
  /**
   * @param {string} url
   * @param {{message: (message: any) => void, state: () => void}} on
   */
  constructor(url, on) {
    this.url = url;
    this.on = on;
    this.attempt = 0;
    this.heard = 0;
    /** @type {ConnectionState} */
    this.state = 'connecting';
    /** Channels that the server says are not up to date, and why. @type {Map<string, string>} */
    this.late = new Map();
    /** @type {object | null} */
    this.subscription = null;
    addEventListener('online', () => this.retryNow());
    document.addEventListener('visibilitychange', () => document.hidden || this.retryNow());
    setInterval(() => this.ping(), PING_EVERY);
    this.open();
  }

  /** Follow one symbol and interval, instead of what was followed before. @param {string} symbol @param {string} interval */
  follow(symbol, interval) {
    if (this.subscription) this.send({ ...this.subscription, op: 'unsubscribe' });
    this.subscription = { op: 'subscribe', symbols: [symbol], channels: ['ticks', 'candles', 'alerts'], interval };
    this.send(this.subscription);
  }

  open() {
    clearTimeout(this.timer);
    // A browser cannot send headers here: the key goes as a protocol, beside the one that is spoken.
    const socket = new WebSocket(this.url, ['candlewick', ...(apiKey() ? [`candlewick.key.${apiKey()}`] : [])]);
    this.socket = socket;
    socket.onopen = () => {
      this.attempt = 0;
      this.heard = Date.now();
      if (this.subscription) this.send(this.subscription);
      this.enter('connected');
    };
    socket.onmessage = event => {
      this.heard = Date.now();
      if (socket === this.socket) this.take(JSON.parse(event.data));
    };
    socket.onclose = () => socket === this.socket && this.retryLater();
  }

  /** Whether candles come by themselves. */
  get bringsCandles() {
    return this.state === 'connected' && !this.late.has('candles');
  }

  take(message) {
    if (message.type !== 'feed' || message.symbol) return this.on.message(message);
    if (message.state === 'live') this.late.delete(message.channel);
    else this.late.set(message.channel, message.detail);
    return this.on.state();
  }

  /** @param {object} message */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  ping() {
    if (this.state !== 'connected') return;
    if (Date.now() - this.heard > SILENT_FOR) this.giveUp();
    else this.send({ op: 'ping' });
  }

  giveUp() {
    const dead = this.socket;
    this.socket = undefined;
    dead?.close();
    this.retryLater();
  }

  retryLater() {
    this.enter('reconnecting');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), waitBefore(this.attempt, Math.random()));
    this.attempt += 1;
  }

  retryNow() {
    if (this.state === 'reconnecting' && this.socket?.readyState !== WebSocket.CONNECTING) this.open();
  }

  /** @param {ConnectionState} state */
  enter(state) {
    if (state === this.state) return;
    this.state = state;
    this.late.clear();
    this.on.state();
  }
}

/** Where the WebSocket of the server is that this page came from. */
export const liveUrl = () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
