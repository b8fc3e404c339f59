/** What a process and its successor say to each other over the channel between them. */
import * as v from 'valibot';

/** The first descriptor that a successor inherits; the ones before are its standard streams. */
export const FIRST_INHERITED = 3;

const PortSchema = v.object({ host: v.string(), port: v.number() });

/** From the process that is followed. */
export const ToSuccessorSchema = v.variant('step', [
  v.object({
    step: v.literal('hello'),
    /** How many listening sockets are inherited; the descriptor after theirs is that of the lock. */
    listening: v.number(),
    /** The port of the settings that they were opened for; null: they were given to the first process already. */
    port: v.nullable(PortSchema),
    pid: v.number(),
  }),
  /** The data directory is the successor's. */
  v.object({ step: v.literal('yours') }),
  /** Sent with a connection. */
  v.object({ step: v.literal('connection') }),
]);
export type ToSuccessor = v.InferOutput<typeof ToSuccessorSchema>;

/** From the successor. */
export const FromSuccessorSchema = v.variant('step', [
  v.object({ step: v.literal('loaded'), handover: v.number(), version: v.string() }),
  v.object({ step: v.literal('ready'), address: v.string() }),
  /** The service manager knows of it. */
  v.object({ step: v.literal('settled') }),
  v.object({ step: v.literal('failed'), text: v.string() }),
]);
export type FromSuccessor = v.InferOutput<typeof FromSuccessorSchema>;
