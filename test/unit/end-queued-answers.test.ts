import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { beforeEach, expect, test, vi } from 'vitest';
import { endWhenClientLeaves } from '../../src/end-queued-answers.ts';

let socket: Socket;
beforeEach(() => {
  socket = new EventEmitter() as Socket;
});

function answerOn(turn: Socket | null) {
  const destroy = vi.fn();
  const closed = vi.fn();
  const answer = Object.assign(new EventEmitter(), { socket: turn, destroy });
  answer.once('close', closed);
  endWhenClientLeaves(socket, answer as unknown as ServerResponse);
  return { answer, destroy, closed };
}

test('answers that wait behind another are ended when the client leaves', () => {
  const waiting = [answerOn(null), answerOn(null)];
  socket.emit('close');
  for (const { destroy, closed } of waiting) {
    expect(destroy).toHaveBeenCalledOnce();
    expect(closed).toHaveBeenCalledOnce();
  }
});

test('the one whose turn it is, or has become, is left to node', () => {
  const first = answerOn(socket);
  const second = answerOn(null);
  second.answer.socket = socket;
  socket.emit('close');
  for (const { destroy, closed } of [first, second]) {
    expect(destroy).not.toHaveBeenCalled();
    expect(closed).not.toHaveBeenCalled();
  }
});

test('one that is over is not ended again, and a long queue has one listener', () => {
  const over = answerOn(null);
  over.answer.emit('close');
  for (let i = 0; i < 30; i++) answerOn(null);
  expect(socket.listenerCount('close')).toBe(1);
  socket.emit('close');
  expect(over.destroy).not.toHaveBeenCalled();
});
