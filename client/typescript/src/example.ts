/** Every kind of call, typed by the service's description and without a cast. */

import createClient from "openapi-fetch";

import type { paths } from "./schema.js";

// Answers also come as streams of events, images as bytes: a client for each kind has one type for each call.
const address = { baseUrl: "http://127.0.0.1:8000" };
const pagesight = createClient<paths, "application/json">(address);
const images = createClient<paths, "image/webp">(address);

/** Search: what has a default may be left out, and an answer has one type. */
export async function bestPages(query: string): Promise<Array<{ document: string; page: number; boxes: number[][] }>> {
  const { data, error } = await pagesight.POST("/v1/search", { body: { query } });
  if (error) throw new Error(error.error.message);
  return data.hits.map((hit) => ({
    document: hit.document,
    page: hit.page_number,
    boxes: hit.evidence.map((region) => [...region.box]),
  }));
}

/** Answer from the documents with a tag. */
export async function answer(question: string, tag: string): Promise<string> {
  const { data, error } = await pagesight.POST("/v1/answers", {
    body: { question, collections: ["manuals"], filters: { tags: [tag] }, k: 3 },
  });
  if (error) throw new Error(error.error.message);
  return data.citations.map((row) => `${row.document}, page ${row.page_number}`).join("\n");
}

/** Upload: 202 is one type, with the jobs. */
export async function upload(name: string, file: Blob): Promise<string[]> {
  const { data, error } = await pagesight.POST("/v1/collections/{name}/documents", {
    params: { path: { name } },
    body: { files: [], tags: ["manual"] },
    bodySerializer: () => {
      const form = new FormData();
      form.append("files", file);
      form.append("tags", "manual");
      return form;
    },
  });
  if (error) throw new Error(error.error.message);
  return "jobs" in data ? data.jobs.map((job) => job.id) : [];
}

/** A region of a page, as bytes. */
export async function region(pageId: number): Promise<Blob> {
  const { data } = await images.GET("/v1/pages/{page_id}/image", {
    params: { path: { page_id: pageId }, query: { region: "0.1,0.2,0.5,0.3", width: 800 } },
    parseAs: "blob",
  });
  if (!data) throw new Error("no image");
  return data;
}

/** Documents in an order. */
export async function newest(name: string): Promise<string[]> {
  const { data, error } = await pagesight.GET("/v1/collections/{name}/documents", {
    params: { path: { name }, query: { sort: "-created_at", search: "pump" } },
  });
  if (error) throw new Error(error.error.message);
  return data.documents.map((document) => document.name);
}
