/** The frames between page and service; the records come from the service's own description. */
import type { components } from "@wence/shared/api";

type Schemas = components["schemas"];
export type Entry = Schemas["ChatEntry"];
export type Reply = Schemas["ChatReply"];
export type Button = Schemas["ButtonRecord"];
export type Clause = Schemas["CitedClause"];
export type Verdict = Schemas["VerdictRecord"];
export type Fact = Schemas["FactRecord"];
export type Standing = Schemas["ChatState"];
export type Page = Schemas["ChatPage"];
export type Start = Schemas["StartRecord"];
export type Suggestion = Schemas["Suggestion"];
export type Feedback = Schemas["Feedback"];
export type FactValue = boolean | number | string;

export interface Said {
  id: string;
  text: string;
}

export type ServerFrame =
  | { type: "ready"; position: number; state: Standing }
  | { type: "entry"; entry: Entry }
  | { type: "taken"; id: string; position: number }
  | { type: "working" }
  | { type: "reset" }
  | { type: "error"; code: string; message: string; id?: string };

export type ClientFrame =
  | { type: "hello"; token: string; after: number }
  | ({ type: "say" } & Said)
  | { type: "typing" }
  | ({ type: "feedback" } & Feedback);

/** What the service closes a socket with. */
export const UNKNOWN_VISITOR = 4401;
export const SILENT = 4408;
