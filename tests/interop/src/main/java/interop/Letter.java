package interop;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.retrytopic.RetryTopicHeaders;
import org.springframework.kafka.support.KafkaHeaders;

/** A dead letter that is told of by its record alone, its headers read as bytes. */
final class Letter {

	private Letter() {
	}

	static void tell(Wire wire, ConsumerRecord<?, ?> record, String value) {
		wire.tell("dead", "topic", record.topic(), "partition", record.partition(), "value", value, "original_topic",
				text(record, KafkaHeaders.ORIGINAL_TOPIC), "original_partition",
				bytes(record, KafkaHeaders.ORIGINAL_PARTITION).getInt(), "original_offset",
				bytes(record, KafkaHeaders.ORIGINAL_OFFSET).getLong(), "original_timestamp",
				bytes(record, KafkaHeaders.ORIGINAL_TIMESTAMP).getLong(), "original_timestamp_type",
				text(record, KafkaHeaders.ORIGINAL_TIMESTAMP_TYPE), "group",
				text(record, KafkaHeaders.DLT_ORIGINAL_CONSUMER_GROUP), "error", text(record, KafkaHeaders.EXCEPTION_FQCN),
				"message", text(record, KafkaHeaders.EXCEPTION_MESSAGE), "attempts",
				bytes(record, RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS).getInt());
	}

	private static ByteBuffer bytes(ConsumerRecord<?, ?> record, String header) {
		return ByteBuffer.wrap(record.headers().lastHeader(header).value());
	}

	private static String text(ConsumerRecord<?, ?> record, String header) {
		return new String(record.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
	}

}
