/** What a destination has whose token the Destination service gets (destination-service.md 0 #3). */
export interface Served {
  /** Its Authentication in the service. */
  readonly type: string;
  readonly handsOver: HandsOver;
  /**
   * Asks the service for the token.
   * @param handed headers that carry what is handed over
   * @throws AppError ERR_DESTINATION_SERVICE when the service cannot be asked, ERR_DESTINATION_NOT_FOUND when it does not
   * know the destination any more
   */
  readonly retrieve: (handed: Readonly<Record<string, string>>) => Promise<ServedAnswer>;
}

/** What the service must be given of the user for it (destination-service.md 3.6, 4.2); `nothing`: the token is the client's. */
export type HandsOver = 'nothing' | 'user token' | 'subject token' | 'chain user token' | 'chain subject token';

export type ServedAnswer =
  | {
      readonly kind: 'token';
      /** Lower-case name. */
      readonly header: { readonly name: string; readonly value: string };
      /** The token alone. */
      readonly raw: string;
      /** Milliseconds; undefined: not said. */
      readonly life: number | undefined;
      readonly scope: string | undefined;
    }
  /** The service answered, but could not get it. */
  | { readonly kind: 'refused'; readonly reason: string };
