/* Bring the studio's lists up to date: another tab or a program may have started something. */
export async function refresh() {
  window.htmx.trigger(document.body, "lists-changed");
  const url = document.getElementById("latest").getAttribute("hx-get");
  const headers = { "HX-Request": "true", "HX-Target": "queue" };
  const answer = await fetch(url, { headers });
  if (answer.ok) addMissing(await answer.text());
}

function addMissing(html) {
  const section = document.getElementById("queue");
  const { content } = Object.assign(document.createElement("template"), { innerHTML: html });
  for (const line of content.querySelectorAll(".job")) {
    if (document.getElementById(line.id)) continue;
    section.querySelector(".jobs").append(line);
    window.htmx.process(line);
  }
}
