/** What the store needs of Redis; what a connection is made of is nobody's business here. */
export interface RedisCommands {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  publish(channel: string, message: string): Promise<unknown>;
  /** Hears a channel from when the connection stands, and again after each loss. */
  subscribe(channel: string, listener: (message: string) => void): void;
  readonly isReady: boolean;
  close(): Promise<void>;
}
