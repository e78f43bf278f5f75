import express from 'express';

/** Collects the body as text, whatever its type: what it means is for the service to judge, and the recorder wants it verbatim. */
export const rawBody = express.text({ type: () => true, limit: '1mb' });
