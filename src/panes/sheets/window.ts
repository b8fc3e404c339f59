/** The part of a list that fits, with the selected item in it. @param room - how many rows there are */
export function windowOf<One>(all: readonly One[], chosen: number, room: number): readonly One[] {
  const fits = Math.max(1, room);
  if (all.length <= fits) return all;
  const from = Math.max(0, Math.min(chosen - Math.floor(fits / 2), all.length - fits));
  return all.slice(from, from + fits);
}
