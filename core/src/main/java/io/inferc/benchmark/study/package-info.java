/**
 * What a change is worth under production's load, in one measurement: a baseline and its candidates
 * in turns at equal load, the highest load that each keeps within a latency limit, what both cost,
 * and gates that a build may hold them to.
 *
 * <p>Start at {@link io.inferc.benchmark.study.LoadStudy}:
 *
 * <pre>{@code
 * StudyResult result =
 *     LoadStudy.builder(Load.poisson(200))
 *         .limit(95, Duration.ofMillis(50))
 *         .cost(Cost.rented(1.20, "EUR"))
 *         .gate(Gate.notSlower(95, 0.05))
 *         .build()
 *         .run(List.of(Variant.of("FP32", fp32), Variant.of("INT8", int8)), requests);
 * result.sentences(1).ifPresent(said -> said.all().forEach(System.out::println));
 * }</pre>
 */
@NullMarked
package io.inferc.benchmark.study;

import org.jspecify.annotations.NullMarked;
