/** Where the inspector itself lives: its own requests are not shown, or each look would make another entry. */
export const inspectorPath = '/-/inspector';
