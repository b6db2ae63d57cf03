import { App, DatePicker, Form, Input, Modal, Rate, Select, Switch } from "antd";
import type { Dayjs } from "dayjs";
import { useEffect } from "react";
import { type Me, post, type Ticket, type TicketBody } from "./client";
import { useFailure } from "./hooks";
import { KINDS, OUTCOMES } from "./texts";
import type { Used } from "./useCall";
import { fromPicker } from "./values";

type Values = Omit<TicketBody, "due_on" | "call_at" | "clauses"> & {
  due?: Dayjs | null;
  call?: Dayjs | null;
};

const options = (names: Record<string, string>) =>
  Object.entries(names).map(([value, label]) => ({ value, label }));

type Props = {
  open: boolean;
  me: Me;
  used: Used[];
  fallback: string;
  talk?: string;
  onClose: () => void;
};

/** Recording a call or chat, filled in from what was looked up during it. */
export function TicketForm({ open, me, used, fallback, talk, onClose }: Props) {
  const [form] = Form.useForm<Values>();
  const { modal } = App.useApp();
  const fail = useFailure();
  const outcome = Form.useWatch("outcome", form);
  useEffect(() => {
    if (!open) return;
    const questions = [...new Set(used.map((one) => one.question.trim()).filter(Boolean))];
    form.setFieldsValue({
      kind: "consult",
      topic: questions.join("；") || fallback,
      answer: used.map((one) => one.card.say).join("\n"),
      outcome: "answered",
      closed: true,
    });
  }, [open, used, fallback, form]);

  async function save() {
    const values = await form.validateFields().catch(() => null);
    if (!values) return;
    const { due, call, satisfaction, ...rest } = values;
    const body: TicketBody = {
      ...rest,
      clauses: [...new Set(used.map((one) => one.card.clause_id))],
      due_on: due ? due.format("YYYY-MM-DD") : null,
      call_at: fromPicker(call),
      satisfaction: satisfaction || null,
      ...(talk ? { talk_id: talk } : {}),
    };
    try {
      const ticket = await post<Ticket>("/tickets", body);
      form.resetFields();
      onClose();
      modal.success({
        title: `工单 ${ticket.number}`,
        okText: "知道了",
        content: `查询码 ${ticket.query_number}，可以告诉来电人。负责人：${me.display}`,
      });
    } catch (error) {
      fail(error);
    }
  }

  return (
    <Modal
      open={open}
      title="登记工单"
      okText="保存"
      cancelText="取消"
      onOk={() => void save()}
      onCancel={onClose}
      forceRender
    >
      <Form form={form} layout="vertical">
        <Form.Item name="kind" label="类型" rules={[{ required: true }]}>
          <Select options={options(KINDS)} />
        </Form.Item>
        <Form.Item name="topic" label="诉求" rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea rows={2} maxLength={4000} />
        </Form.Item>
        <Form.Item name="answer" label="答复">
          <Input.TextArea rows={3} maxLength={4000} />
        </Form.Item>
        <Form.Item name="caller" label="来电人留下的联系方式（可以不留）">
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
        <Form.Item name="outcome" label="结果" rules={[{ required: true }]}>
          <Select
            options={options(OUTCOMES)}
            onChange={(value: string) => form.setFieldValue("closed", value === "answered")}
          />
        </Form.Item>
        {outcome === "call_back" && (
          <Form.Item name="call" label="回电时间">
            <DatePicker showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" />
          </Form.Item>
        )}
        <Form.Item name="passed_to" label="转办单位">
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="due" label="期限">
          <DatePicker />
        </Form.Item>
        <Form.Item name="satisfaction" label="满意度">
          <Rate />
        </Form.Item>
        <Form.Item name="closed" label="办结" valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}
