/** What a woken phone shows on its lock screen: how many, and of whom nothing. */

import { t, tn } from "../design/translate";

export function notification(kind: string, n: number): string {
  switch (kind) {
    case "new_job":
      return tn("You have a new job.", "You have {n} new jobs.", n);
    case "urgent":
      return t("Urgent: a job needs you now.");
    case "job_away":
      return tn("A job has left your list.", "{n} jobs have left your list.", n);
    case "message":
      return tn("The office has written to you.", "The office has written to you {n} times.", n);
    default:
      return t("Your jobs have changed.");
  }
}
