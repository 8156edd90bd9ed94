/**
 * What samples say and how surely: percentiles with intervals, whether a run became steady, whether
 * two models differ. Numbers in, numbers out: nothing here measures anything.
 */
@NullMarked
package io.inferc.benchmark.statistics;

import org.jspecify.annotations.NullMarked;
