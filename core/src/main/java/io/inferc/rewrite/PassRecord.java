package io.inferc.rewrite;

import java.time.Duration;
import java.util.Optional;

/**
 * What one pass of a pipeline came to.
 *
 * @param pass the pass's name
 * @param notApplied why it was not applied, a whole sentence; empty if it was
 * @param changed whether it changed the model
 * @param time how long it took
 * @param nodesBefore the number of nodes it was given, those of inner graphs included
 * @param nodesAfter the number of nodes it left
 */
public record PassRecord(
    String pass,
    Optional<String> notApplied,
    boolean changed,
    Duration time,
    int nodesBefore,
    int nodesAfter) {}
