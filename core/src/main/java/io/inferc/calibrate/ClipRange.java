package io.inferc.calibrate;

/** The two ends that a quantized tensor shall represent. */
record ClipRange(float min, float max) {}
