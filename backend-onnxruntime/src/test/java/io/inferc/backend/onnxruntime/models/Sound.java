package io.inferc.backend.onnxruntime.models;

import java.util.Arrays;
import java.util.Random;

/**
 * Sound at 16 kHz that models of speech and music take for what it is: syllables, made of pulses
 * through the resonances of a vocal tract, chords, noise, and near silence. The same seed gives the
 * same sound.
 */
final class Sound {
  /** Samples in a second. */
  static final int RATE = 16_000;

  // The first three resonances of six vowels, and how wide each is, in Hz.
  private static final double[][] VOWELS = {
    {730, 1090, 2440}, {270, 2290, 3010}, {300, 870, 2240},
    {530, 1840, 2480}, {570, 840, 2410}, {440, 1020, 2240}
  };
  private static final double[] WIDTHS = {60, 90, 120};
  private static final double LOUDNESS = 0.4;

  private final Random random;

  Sound(long seed) {
    random = new Random(seed);
  }

  /** Silence, speech, noise, speech, a tone, silence: five seconds and a half. */
  float[] scene() {
    float[] all = new float[0];
    all = joined(all, noise(RATE / 2, 0.001));
    all = joined(all, speech(3 * RATE / 2));
    all = joined(all, noise(RATE / 2, 0.02));
    all = joined(all, speech(3 * RATE / 2));
    all = joined(all, chord(RATE / 2, RATE, 440));
    return joined(all, noise(RATE, 0.0005));
  }

  float[] noise(int count, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  /** Tones with overtones that fade, as struck strings have. */
  static float[] chord(int count, int rate, double... frequencies) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      double seconds = (double) i / rate;
      for (double frequency : frequencies) {
        for (int overtone = 1; overtone <= 4; overtone++) {
          values[i] +=
              (float)
                  (0.2
                      / overtone
                      * Math.exp(-seconds)
                      * Math.sin(2 * Math.PI * frequency * overtone * seconds));
        }
      }
    }
    return values;
  }

  float[] speech(int count) {
    float[] values = new float[count];
    int at = 0;
    while (at < count) {
      int length = Math.min(count - at, (int) (RATE * (0.12 + 0.12 * random.nextDouble())));
      double[] syllable = syllable(length);
      double loudest = Arrays.stream(syllable).map(Math::abs).max().orElse(0) + 1e-9;
      for (int i = 0; i < length; i++) {
        double envelope = Math.sqrt(Math.sin(Math.PI * i / length));
        values[at + i] = (float) (LOUDNESS * envelope * syllable[i] / loudest);
      }
      at += length + (int) (RATE * 0.03 * random.nextDouble());
    }
    return values;
  }

  private double[] syllable(int length) {
    double[] vowel = VOWELS[random.nextInt(VOWELS.length)];
    double pitch = 110 + 40 * random.nextDouble();
    double slope = -0.2 + 0.3 * random.nextDouble();
    double[] wave = new double[length];
    double phase = 0;
    double pulse = 0;
    for (int i = 0; i < length; i++) {
      phase += pitch * (1 + slope * i / length) / RATE;
      pulse *= 0.88;
      if (phase >= 1) {
        phase -= 1;
        pulse += 1;
      }
      wave[i] = pulse + 0.01 * random.nextGaussian();
    }
    for (int f = 0; f < vowel.length; f++) {
      resonate(wave, vowel[f], WIDTHS[f]);
    }
    return wave;
  }

  /** A filter of two poles, in place. */
  private static void resonate(double[] wave, double frequency, double width) {
    double radius = Math.exp(-Math.PI * width / RATE);
    double first = 2 * radius * Math.cos(2 * Math.PI * frequency / RATE);
    double second = -radius * radius;
    double one = 0;
    double two = 0;
    for (int i = 0; i < wave.length; i++) {
      double value = wave[i] + first * one + second * two;
      two = one;
      one = value;
      wave[i] = value * (1 - radius);
    }
  }

  static float[] joined(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
