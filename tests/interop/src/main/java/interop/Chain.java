package interop;

import java.io.IOException;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.DltHandler;
import org.springframework.kafka.retrytopic.RetryTopicHeaders;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.handler.annotation.Header;

/**
 * A listener of these topics, of which a subclass says the chain. It tells of each delivery, which fails as the word
 * of its number in the value says, or the last one.
 */
abstract class Chain {

	private final Wire wire;

	private final String[] topics;

	Chain(Wire wire, String... topics) {
		this.wire = wire;
		this.topics = topics;
	}

	/** Named in the annotations. */
	public String[] getTopics() {
		return this.topics;
	}

	/** Named in the annotations. */
	public String getGroup() {
		return this.topics[0] + ".group";
	}

	void handle(ConsumerRecord<String, String> record, Integer attempt) {
		int number = (attempt != null) ? attempt : 1;
		this.wire.tell("delivered", "topic", record.topic(), "partition", record.partition(), "value", record.value(),
				"attempt", number, "at", System.currentTimeMillis());
		String[] words = record.value().split(" ");
		throw failure(words[Math.min(number, words.length) - 1]);
	}

	static RuntimeException failure(String word) {
		return switch (word) {
			case "invalid" -> new Invalid();
			case "refused" -> new Refused();
			default -> new IllegalStateException("boom", new IOException("disk full"));
		};
	}

	/** What some chains have a dead-letter topic of its own for. */
	static class Invalid extends RuntimeException {

		Invalid() {
			super("invalid");
		}

	}

	/** The same, and no retry helps. */
	static class Refused extends RuntimeException {

		Refused() {
			super("refused");
		}

	}

	/** Asks for each header that Spring writes in any case: without one of them it fails, and Spring writes the record to the DLT anew. */
	@DltHandler
	void dead(ConsumerRecord<?, ?> record, @Header(KafkaHeaders.ORIGINAL_TOPIC) String topic,
			@Header(KafkaHeaders.ORIGINAL_PARTITION) int partition, @Header(KafkaHeaders.ORIGINAL_OFFSET) long offset,
			@Header(KafkaHeaders.ORIGINAL_TIMESTAMP) long timestamp,
			@Header(KafkaHeaders.ORIGINAL_TIMESTAMP_TYPE) String timestampType,
			@Header(KafkaHeaders.DLT_ORIGINAL_CONSUMER_GROUP) String group,
			@Header(KafkaHeaders.EXCEPTION_FQCN) String type, @Header(KafkaHeaders.EXCEPTION_CAUSE_FQCN) String cause,
			@Header(KafkaHeaders.EXCEPTION_MESSAGE) String message, @Header(KafkaHeaders.EXCEPTION_STACKTRACE) String trace,
			@Header(RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS) int attempts) {
		this.wire.tell("dead", "topic", record.topic(), "partition", record.partition(), "value",
				record.value().toString(), "original_topic", topic, "original_partition", partition, "original_offset", offset,
				"original_timestamp", timestamp, "original_timestamp_type", timestampType, "group", group, "error", type,
				"cause", cause, "message", message, "trace", trace, "attempts", attempts);
	}

}
