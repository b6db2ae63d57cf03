/** Every word of the page that does not come from the service. */

import type { Card, Status, Ticket } from "./client";

export const BRAND = "问策坐席";

export const STATUS: Record<Status, { text: string; tone: string; mark: string }> = {
  in_force: { text: "有效", tone: "good", mark: "✓" },
  expired: { text: "已过期", tone: "bad", mark: "✕" },
  repealed: { text: "已废止", tone: "bad", mark: "✕" },
  not_yet: { text: "尚未开始", tone: "warn", mark: "…" },
  not_stated: { text: "未载明有效期", tone: "warn", mark: "？" },
};

export const KINDS: Record<Ticket["kind"], string> = {
  consult: "咨询",
  help: "求助",
  complaint: "投诉",
  report: "举报",
  suggestion: "建议",
};

export const OUTCOMES: Record<Ticket["outcome"], string> = {
  open: "办理中",
  answered: "已答复",
  call_back: "待回电",
  passed: "已转办",
};

export const CHANNELS: Record<string, string> = {
  phone: "电话",
  web: "网页",
  wecom: "企业微信",
  aibot: "智能机器人",
  wechat: "公众号",
  rest: "接口",
};

export const ROLES = {
  operator: "话务员",
  supervisor: "班长",
  editor: "编辑",
  administrator: "管理员",
} as const;

export const VERDICTS = { eligible: "条件都符合", ineligible: "不符合", unknown: "还不能判断" };

export const GROUPS = {
  shown: "正在看",
  has: "条件都符合",
  may_have: "再问一句就知道",
  just_missed: "只差一步",
  expired: "已过期的",
} as const;

export const REASONS: Record<string, string> = {
  unanswered: "没有答上",
  unsure: "拿不准",
  handed_over: "转了人工",
  disliked: "被点踩",
};

export const STATES: Record<string, string> = {
  open: "待处理",
  accepted: "已采纳",
  declined: "未采纳",
  written: "已写入",
};

export const KINDS_OF_CARD: Record<Card["kind"], string> = { programme: "事项", clause: "条款" };

export const UNDERSTOOD: Record<string, string> = {
  policy_answer: "答了一条政策",
  policy_list: "列了政策",
  eligibility_question: "在问情况",
  eligibility_result: "判断了能否享受",
  clarify: "请用户选择",
  handoff: "转人工",
  text: "没有引用条款",
};

export const KEYS: [string, string][] = [
  ["/", "到检索框"],
  ["↑ ↓", "选上一条、下一条"],
  ["Enter", "展开或收起原文"],
  ["C", "复制话术"],
  ["1 2", "填第一、第二个关键问题"],
  ["M", "加入对比（两项）"],
  ["T", "登记工单"],
  ["E", "报告这条有误（纠错）"],
  ["N", "新来电（清空）"],
  ["Alt+1…6", "切换页签"],
  ["?", "这张表"],
];

export const AUDIT: Record<string, string> = {
  audit_read: "查看审计记录",
  figures_exported: "导出统计",
  link_made: "生成一次性链接",
  notice_pinned: "发布通知",
  password_set: "设置密码",
  proposal_settled: "处理提议",
  second_factor_set: "设置验证器",
  sign_in_failed: "登录失败",
  signed_in: "登录",
  signed_out: "退出",
  talk_accepted: "接待对话",
  talk_answered: "答复用户",
  talk_handed: "转交对话",
  talk_seen: "查看对话",
  ticket_added: "登记工单",
  ticket_changed: "修改工单",
  ticket_seen: "查看工单",
  tickets_exported: "导出工单",
  user_added: "新增用户",
  user_changed: "修改用户",
};
