/**
 * Records what production asks of a model, so that a benchmark can replay it, calibration can learn
 * from it, and shape profiles can fit it.
 *
 * <p>Start at {@link io.inferc.benchmark.trace.TraceRecorder}; {@link
 * io.inferc.benchmark.trace.Trace} reads what it wrote.
 *
 * <pre>{@code
 * try (TraceRecorder recorder = TraceRecorder.open(model, folder, TraceOptions.defaults())) {
 *   serve(recorder.record(model));
 * }
 * Trace trace = Trace.read(folder);
 * List<ShapeProfile> profiles = ProfileSuggestion.of(trace).profiles();
 * }</pre>
 *
 * <h2>The files, version 1</h2>
 *
 * <p>A folder holds {@code trace-MILLIS-NUMBER.inferctrace} files: when the recorder was opened, in
 * milliseconds since 1970 with 13 digits or more, and the file's number from 1 on with 6 digits or
 * more. By the one number, then the other, files are in the order of writing. Each file is complete
 * by itself, and its requests have at most 2<sup>16</sup> combinations of shapes. A hidden {@code
 * .inferc-trace-lock} is locked while a recorder writes to the folder.
 *
 * <p>A file is the 8 bytes {@code inferctr}, the version as u32, and blocks up to its end. All
 * numbers are little-endian; text is a u32 count of bytes and so many of UTF-8.
 *
 * <table>
 * <caption>A block</caption>
 * <tr><td>u8</td><td>kind</td></tr>
 * <tr><td>u32</td><td>bytes of the body, at most 2<sup>30</sup> for payloads, 2<sup>20</sup> for
 * the header, 2<sup>24</sup> for others</td></tr>
 * <tr><td>u32</td><td>CRC-32C of the five bytes before</td></tr>
 * <tr><td></td><td>the body</td></tr>
 * <tr><td>u32</td><td>CRC-32C of the body</td></tr>
 * </table>
 *
 * <table>
 * <caption>Bodies</caption>
 * <tr><th>kind</th><th>body</th></tr>
 * <tr><td>1 header</td><td>first in the file and once: two i64 that name the recorder; u32 number of
 * the file; i64 nanoseconds since 1970 that times count from; u8 byte order of payloads (0 little
 * endian, 1 big endian); u32 count of inputs, at most 2<sup>16</sup>; for each its name, u8 type by ONNX's code, u8 1 if the
 * rank is known; then u32 rank, at most 2<sup>10</sup>, and for each dimension u8 0 and an i64 size, 1 and the symbol, or 2
 * if nothing is known</td></tr>
 * <tr><td>2 shapes</td><td>u32 count; each is a combination of shapes that requests had: for each
 * input in the header's order u16 rank, at most 2<sup>10</sup>, and so many i64 sizes. Combinations are numbered through the
 * file from 0 on</td></tr>
 * <tr><td>3 requests</td><td>u32 count; each is i64 start and i64 duration in nanoseconds, u32 number
 * of its shapes, u8 flags (1: it failed)</td></tr>
 * <tr><td>4 payload</td><td>one request as in a block of requests, then for each input u32 count of
 * bytes and the elements as they lie in memory; the elements of text are texts</td></tr>
 * <tr><td>5 counts</td><td>four i64 since the recorder was opened: requests written, requests dropped,
 * payloads dropped, requests whose shapes could not be told</td></tr>
 * <tr><td>6 end</td><td>nothing; last in a file that was finished</td></tr>
 * </table>
 *
 * <p>A file that ends within a block, in zeros, or without an end was cut off: it is read up to
 * there, and {@link io.inferc.benchmark.trace.Trace#notes()} says so. Any other deviation is an
 * error. Nothing is allocated by a count that the bytes of the file do not bear out.
 */
@NullMarked
package io.inferc.benchmark.trace;

import org.jspecify.annotations.NullMarked;
