/**
 * Remote endpoints as subjects of a measurement: what a serving framework does, measured by the
 * same load as a compiled model.
 *
 * <p>Start at {@link io.inferc.benchmark.endpoint.OpenInferenceEndpoint} for servers of tensors by
 * HTTP, at {@link io.inferc.benchmark.endpoint.GrpcInferenceEndpoint} for them by gRPC, and at
 * {@link io.inferc.benchmark.endpoint.OpenAiEndpoint} for servers of language models:
 *
 * <pre>{@code
 * OpenInferenceEndpoint served = OpenInferenceEndpoint.open("http://127.0.0.1:8000", "encoder");
 * LoadRun run = test.run(served, Requests.of(samples, 1000, 1));
 * }</pre>
 *
 * <p>Latency is what an application sees that calls the server from here: writing the request, the
 * network, and reading the answer are in it.
 */
@NullMarked
package io.inferc.benchmark.endpoint;

import org.jspecify.annotations.NullMarked;
